/**
 * A feed → its events, stored, with messages to the categories that they touch. A Schedule starts it regularly;
 * the result says what changed. A look that fails changes nothing and fails the workflow with the reason.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { z } from 'zod';
import type { FeedActivities } from '../../activities/createActivities';
import { describeIssues } from '../../core/describeIssues';
import { nonRetryableCodes } from '../../core/errors';
import { type FeedDefinition, feedDefinition, feedName } from '../../core/events/feed';
import { markdown, markdownAddress } from '../../core/text/markdown';
import { messageOf } from '../../core/thrown';
import {
  categoryWorkflowId,
  feedsQueueOf,
  type StoreEventsSummary,
  type SyncEventsInput,
  type SyncEventsResult,
  signals,
} from '../contracts';

const knownFeed = z.strictObject({ feed: feedName, withdraw: z.boolean().default(false) });

const retry = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '30s',
  nonRetryableErrorTypes: nonRetryableCodes,
} as const;

/** A document may wait until others are read, and then be read until its deadline, ms. */
const readingMs = 90_000;

/** Never on the queue of the ticks, whoever started this workflow where. */
const activitiesWithin = (startToCloseTimeout: number, maximumAttempts?: number) =>
  proxyActivities<FeedActivities>({
    taskQueue: feedsQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout,
    retry: { ...retry, ...(maximumAttempts === undefined ? {} : { maximumAttempts }) },
  });

/** Two at a time for a feed do no harm: whoever stores first tells, the other finds nothing changed. */
export async function syncEvents(message: SyncEventsInput): Promise<SyncEventsResult> {
  const { definition, withdraw } = await read(message);
  const { name, url, file } = definition;
  const say = (standing: string) =>
    setCurrentDetails(
      `Feed **${name}** (${definition.type}, ${markdownAddress(url ?? file ?? '')}).\n\n${standing}`,
    );
  say(withdraw ? 'Calling off all that it announced.' : 'Looking at what it says now.');
  if (!withdraw) await fetch(definition);
  // The store: waited for, as long as it takes.
  const stored = await activitiesWithin(readingMs).storeEvents.executeWithOptions(
    { summary: withdraw ? `call off all of ${name}` : `what ${name} changed` },
    [{ definition, withdraw }],
  );
  const signalled: string[] = [];
  const notRunning: string[] = [];
  await Promise.all(
    stored.categories
      .filter(({ messages }) => messages.length > 0)
      .map(async ({ category, messages }) =>
        ((await tell(category, messages)) ? signalled : notRunning).push(category),
      ),
  );
  const result = resultOf(name, stored, signalled.sort(), notRunning.sort());
  say(markdown`${result.summary}.`);
  return result;
}

async function read(message: SyncEventsInput): Promise<{ definition: FeedDefinition; withdraw: boolean }> {
  const refuse = (error: z.ZodError) =>
    ApplicationFailure.nonRetryable(`input: ${describeIssues(error)}`, 'INVALID_INPUT');
  if (typeof message === 'object' && message !== null && 'feed' in message) {
    const parsed = knownFeed.safeParse(message);
    if (!parsed.success) throw refuse(parsed.error);
    const { feed, withdraw } = parsed.data;
    const { loadFeed } = activitiesWithin(readingMs);
    return { definition: await loadFeed.executeWithOptions({ summary: feed }, [feed]), withdraw };
  }
  const parsed = feedDefinition.safeParse(message);
  if (!parsed.success) throw refuse(parsed.error);
  return { definition: parsed.data, withdraw: false };
}

/** Tried a few times: the next look is not far. */
async function fetch(definition: FeedDefinition): Promise<void> {
  const { fetchFeed } = activitiesWithin(definition.timeout + readingMs, 4);
  try {
    await fetchFeed.executeWithOptions(
      { summary: markdownAddress(definition.url ?? definition.file ?? definition.name) },
      [{ definition }],
    );
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    throw ApplicationFailure.create({
      message: `nothing changed: ${cause?.message ?? error.message}`,
      type: cause instanceof ApplicationFailure ? (cause.type ?? 'UNAVAILABLE') : 'UNAVAILABLE',
      nonRetryable: true,
    });
  }
}

/** False when the category does not run. */
async function tell(category: string, messages: readonly unknown[]): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(categoryWorkflowId(category)).signal(signals.calendarEvent, [
      ...messages,
    ]);
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info('category was not told', { category, why: messageOf(error) });
    return false;
  }
}

function resultOf(
  feed: string,
  { categories, unchanged, spared, problems, problemCount }: StoreEventsSummary,
  signalled: readonly string[],
  notRunning: readonly string[],
): SyncEventsResult {
  const total = (what: 'added' | 'moved' | 'withdrawn') =>
    categories.reduce((sum, category) => sum + category[what], 0);
  const counts = { added: total('added'), moved: total('moved'), withdrawn: total('withdrawn') };
  const { added, moved, withdrawn } = counts;
  const parts = [
    added + moved + withdrawn === 0
      ? `nothing changed, ${unchanged} events stand`
      : `${added} added, ${moved} changed, ${withdrawn} called off, ${unchanged} as before`,
  ];
  if (signalled.length > 0) parts.push(`told ${signalled.join(', ')}`);
  if (notRunning.length > 0) parts.push(`${notRunning.join(', ')} will find it in the store (not running)`);
  if (problemCount > 0) parts.push(`${problemCount} parts could not be read as they are`);
  if (spared > 0)
    parts.push(`${spared} events are no longer named but stay, because part of the feed could not be read`);
  return { feed, ...counts, unchanged, problems, signalled, notRunning, summary: parts.join('; ') };
}
