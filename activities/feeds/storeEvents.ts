/** The last content of a feed → its events in the store, and the messages about the changes for each category. */
import { PamError } from '../../core/errors';
import { announcementOf, withdrawalOf } from '../../core/events/announcement';
import type { DemandEvent } from '../../core/events/event';
import { feedSource as sourceOf } from '../../core/events/feed';
import { type FeedChanges, type FeedReading, feedChanges } from '../../core/events/feedChanges';
import type { CategoryChanges, StoreEventsInput, StoreEventsSummary } from '../../workflows/contracts';
import type { FeedDependencies } from '../frame/dependencies';

/** Messages to a category at most: what is further away is predicted from the store when its time comes. */
const mostMessages = 100;
/** Characters of all messages together: they are the activity's result, and Temporal takes 2 MB. */
const mostCharacters = 400_000;
const shownProblems = 20;

/** Idempotent: what is stored already is no change. A retry after a lost answer finds the store changed and tells nobody. */
export function storeEvents({ feeds, feedSource, now }: FeedDependencies) {
  return async ({ definition, withdraw }: StoreEventsInput): Promise<StoreEventsSummary> => {
    const nowMs = now();
    const source = sourceOf(definition.name);
    const reading = withdraw ? nothing : await readLast();
    const stored = await feeds.eventsOf(source, nowMs - definition.past);
    const changes = withdraw ? allOff() : feedChanges(stored, reading, nowMs);
    await feeds.apply(source, [...changes.added, ...changes.changed], changes.withdrawn);
    if (withdraw) await feeds.remove(definition.name);
    return {
      categories: byCategory(changes, nowMs),
      unchanged: changes.unchanged,
      spared: changes.spared.length,
      problems: reading.problems
        .slice(0, shownProblems)
        .map(({ line, reason }) => (line > 0 ? `line ${line}: ${reason}` : reason).slice(0, 300)),
      problemCount: reading.problems.length,
    };

    async function readLast(): Promise<FeedReading> {
      const text = await feeds.content(definition.name);
      if (text === null)
        throw new PamError('NOT_FOUND', `feed "${definition.name}" has no content yet: it was never fetched`);
      return feedSource.read(definition, text, nowMs);
    }

    function allOff(): FeedChanges {
      const standing = stored.filter(({ event, withdrawnBy }) => withdrawnBy === null && event.endMs > nowMs);
      return { added: [], changed: [], withdrawn: standing, unchanged: 0, spared: [] };
    }
  };
}

const nothing: FeedReading = { events: [], cancelled: [], problems: [], complete: true };

function byCategory({ added, changed, withdrawn }: FeedChanges, nowMs: number): CategoryChanges[] {
  const told = [
    ...withdrawn.map((entry) => ({ ...entry, message: withdrawalOf(entry.event) })),
    ...[...added, ...changed].map((entry) => ({ ...entry, message: announcementOf(entry.event) })),
  ];
  const count = (entries: readonly { readonly category: string }[], category: string) =>
    entries.filter((entry) => entry.category === category).length;
  const messages = nearestMessages(told.filter(({ event }) => event.endMs > nowMs));
  return [...new Set(told.map(({ category }) => category))].sort().map((category) => ({
    category,
    added: count(added, category),
    moved: count(changed, category),
    withdrawn: count(withdrawn, category),
    messages: messages.get(category) ?? [],
  }));
}

/** By category, of those that begin first. */
function nearestMessages(
  told: readonly { readonly category: string; readonly event: DemandEvent; readonly message: object }[],
): Map<string, object[]> {
  const messages = new Map<string, object[]>();
  let characters = 0;
  for (const { category, message } of [...told].sort((a, b) => a.event.startMs - b.event.startMs)) {
    const known = messages.get(category) ?? [];
    messages.set(category, known);
    if (known.length >= mostMessages) continue;
    characters += JSON.stringify(message).length;
    if (characters > mostCharacters) break;
    known.push(message);
  }
  return messages;
}
