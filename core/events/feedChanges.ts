/** The stored events of a feed, and what the feed says now → what must change. An event is withdrawn with care if the feed
 * only stops naming it. */
import type { DemandEvent } from './event';
import type { CategoryEvent } from './newsRules';

/** An event of this feed as it is stored. */
export interface StoredEvent extends CategoryEvent {
  /** Who called it off; null = it stands. */
  readonly withdrawnBy: 'feed' | 'hand' | null;
}

/** What a feed says. */
export interface FeedReading {
  /** One entry for each event and category. */
  readonly events: readonly CategoryEvent[];
  /** Ids of the events that it says are called off. */
  readonly cancelled: readonly string[];
  /** What could not be read, or was read with an assumption; line 0 = the whole feed. */
  readonly problems: readonly { readonly line: number; readonly reason: string }[];
  /** Whether an event that is no longer named is called off. No for news, which drop old items. */
  readonly complete: boolean;
}

export interface MovedEvent extends CategoryEvent {
  readonly before: DemandEvent;
}

export interface FeedChanges {
  readonly added: readonly CategoryEvent[];
  /** Another time, kind, title or stated uplift than before. */
  readonly changed: readonly MovedEvent[];
  readonly withdrawn: readonly CategoryEvent[];
  readonly unchanged: number;
  /** Coming events that the feed no longer names. They stay, since part of the feed could not be read. */
  readonly spared: readonly CategoryEvent[];
}

/**
 * Called off are events that the feed says are, and those that have not begun and are no longer named. Past and present
 * ones that are no longer named stay: many feeds list only what is coming. What a person called off stays so until
 * the feed says something new about it.
 */
export function feedChanges(
  stored: readonly StoredEvent[],
  reading: FeedReading,
  nowMs: number,
): FeedChanges {
  const known = new Map(stored.map((entry) => [keyOf(entry), entry]));
  const named = new Map(reading.events.map((entry) => [keyOf(entry), entry]));
  const added: CategoryEvent[] = [];
  const changed: MovedEvent[] = [];
  let unchanged = 0;
  for (const [key, entry] of named) {
    const before = known.get(key);
    if (before === undefined) added.push(entry);
    else if (!sameEvent(before.event, entry.event)) changed.push({ ...entry, before: before.event });
    else if (before.withdrawnBy === 'feed') added.push(entry);
    else unchanged++;
  }
  const cancelled = new Set(reading.cancelled);
  const damaged = reading.problems.some(({ line }) => line > 0);
  const withdrawn: CategoryEvent[] = [];
  const spared: CategoryEvent[] = [];
  for (const [key, { category, event, withdrawnBy }] of known) {
    if (named.has(key) || withdrawnBy !== null) continue;
    if (cancelled.has(event.id)) {
      if (event.endMs > nowMs) withdrawn.push({ category, event });
    } else if (reading.complete && event.startMs > nowMs)
      (damaged ? spared : withdrawn).push({ category, event });
  }
  return { added, changed, withdrawn, unchanged, spared };
}

function sameEvent(a: DemandEvent, b: DemandEvent): boolean {
  return (
    a.startMs === b.startMs &&
    a.endMs === b.endMs &&
    a.kind === b.kind &&
    a.title === b.title &&
    a.expectedUplift === b.expectedUplift &&
    a.halfLifeMs === b.halfLifeMs
  );
}

const keyOf = ({ category, event }: CategoryEvent) => `${category}\n${event.id}`;
