/** Events of several sources → one per occasion: what a feed and a person both announce happens once. */
import type { DemandEvent } from './event';

/** Starts that differ by less than this, with the same title, are of one occasion. */
const toleranceMs = 15 * 60_000;
/** The source of what people announce without naming one. */
const byHand = 'signal';

/**
 * Occasions of one title that an event is compared with: more at a time are no occasions of one kind of thing. The work
 * grows with the number of events and not with its square, whatever a feed says.
 */
const mostCompared = 50;

/**
 * Only between sources: within one, ids tell events apart. The occasion lasts from the earliest start to the latest
 * end. A person’s stated uplift counts before a feed’s. Its kind is one that says more than the title.
 */
export function withoutDuplicates(events: readonly DemandEvent[]): DemandEvent[] {
  const byTitle = new Map<string, { all: DemandEvent[][]; recent: DemandEvent[][] }>();
  for (const event of [...events].sort((a, b) => a.startMs - b.startMs)) {
    const title = titleOf(event);
    const known = byTitle.get(title) ?? { all: [], recent: [] };
    byTitle.set(title, known);
    // Starts ascend, so what is too far away now is too far from every later event.
    known.recent = known.recent
      .filter((occasion) => event.startMs - (occasion.at(-1)?.startMs ?? 0) < toleranceMs)
      .slice(-mostCompared);
    const same = known.recent.find(
      (occasion) =>
        occasion.every(({ source }) => source !== event.source) &&
        occasion.some(({ startMs, endMs }) => event.startMs - startMs < toleranceMs && event.startMs < endMs),
    );
    if (same !== undefined) same.push(event);
    else {
      const occasion = [event];
      known.all.push(occasion);
      known.recent.push(occasion);
    }
  }
  return [...byTitle.values()].flatMap(({ all }) => all).map(merged);
}

function merged(events: readonly DemandEvent[]): DemandEvent {
  const [first] = events as [DemandEvent, ...DemandEvent[]];
  if (events.length === 1) return first;
  const telling = events.find((event) => event.kind.toLowerCase() !== event.title.toLowerCase()) ?? first;
  const stated =
    events.find(({ source, expectedUplift }) => source === byHand && expectedUplift !== undefined) ??
    events.find(({ expectedUplift }) => expectedUplift !== undefined);
  const { expectedUplift: _, halfLifeMs: __, ...rest } = telling;
  return {
    ...rest,
    startMs: Math.min(...events.map(({ startMs }) => startMs)),
    endMs: Math.max(...events.map(({ endMs }) => endMs)),
    ...(stated?.expectedUplift === undefined ? {} : { expectedUplift: stated.expectedUplift }),
    ...(stated?.halfLifeMs === undefined ? {} : { halfLifeMs: stated.halfLifeMs }),
  };
}

function titleOf({ title }: DemandEvent): string {
  return title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
