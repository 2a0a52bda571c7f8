/** Feeds ↔ Temporal Schedules: each one starts `syncEvents` regularly with the feed’s whole definition. */
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { PamError } from '../../core/errors';
import { type FeedDefinition, type FeedInput, feedDefinition } from '../../core/events/feed';
import { feedScheduleId, feedsQueueOf, syncWorkflowId, workflowTypes } from '../../workflows/contracts';

export interface ScheduledFeed {
  readonly name: string;
  /** As its owner wrote it; null if the Schedule’s input is no feed. */
  readonly written: FeedInput | null;
  readonly definition: FeedDefinition | null;
  readonly paused: boolean;
  readonly nextMs: number | null;
}

/** A run that was missed while nothing was up is made up for only if it is at most this old. */
const catchupWindow = '10m' as const;
const prefix = feedScheduleId('');

/** Creates the Schedule or changes the existing one. The feed is read at once. */
export async function putFeedSchedule(
  client: Client,
  taskQueue: string,
  { written, definition }: { written: FeedInput; definition: FeedDefinition },
): Promise<'added' | 'changed'> {
  const { name } = definition;
  const spec = { intervals: [{ every: definition.every }] };
  const action: ScheduleOptions['action'] = {
    type: 'startWorkflow',
    workflowType: workflowTypes.syncEvents,
    // The server appends the time of the run.
    workflowId: syncWorkflowId(name),
    taskQueue: feedsQueueOf(taskQueue),
    args: [written],
    workflowExecutionTimeout: '15m',
    staticSummary: `What feed ${name} says now`,
  };
  const policies = { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow };
  try {
    await client.schedule.create({
      scheduleId: feedScheduleId(name),
      spec,
      action,
      policies,
      state: { triggerImmediately: true },
    });
    return 'added';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const handle = client.schedule.getHandle(feedScheduleId(name));
  await handle.update(({ state }) => ({
    spec,
    action: { ...action, workflowId: syncWorkflowId(name) },
    policies,
    state: { paused: state.paused, ...(state.note === undefined ? {} : { note: state.note }) },
  }));
  await handle.trigger();
  return 'changed';
}

export async function listFeedSchedules(client: Client): Promise<ScheduledFeed[]> {
  const feeds: ScheduledFeed[] = [];
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.startsWith(prefix))
      feeds.push(await findFeedSchedule(client, scheduleId.slice(prefix.length)));
  return feeds.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Throws PamError NOT_FOUND. */
export async function findFeedSchedule(client: Client, name: string): Promise<ScheduledFeed> {
  try {
    return readSchedule(name, await client.schedule.getHandle(feedScheduleId(name)).describe());
  } catch (error) {
    throw notFound(error, name);
  }
}

export async function removeFeedSchedule(client: Client, name: string): Promise<void> {
  try {
    await client.schedule.getHandle(feedScheduleId(name)).delete();
  } catch (error) {
    throw notFound(error, name);
  }
}

function notFound(error: unknown, name: string): unknown {
  return error instanceof ScheduleNotFoundError
    ? new PamError('NOT_FOUND', `there is no feed "${name}"; "pam feed list" prints all names`)
    : error;
}

function readSchedule(name: string, { action, state, info }: ScheduleDescription): ScheduledFeed {
  const [input] = (action.args ?? []) as unknown[];
  const parsed = feedDefinition.safeParse(input);
  return {
    name,
    written: parsed.success ? (input as FeedInput) : null,
    definition: parsed.success ? parsed.data : null,
    paused: state.paused,
    nextMs: info.nextActionTimes[0]?.getTime() ?? null,
  };
}
