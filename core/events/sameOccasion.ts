/** Events of several sources → one event for each occasion, since what a feed and a person both announce happens once. */
import type { DemandEvent } from './event';

/** Starts that differ by less, under the same title, are of one occasion. */
const toleranceMs = 15 * 60_000;
/** The source of what people announce without naming one. */
const byHand = 'signal';

/**
 * Merges events of different sources only: within one source, ids tell events apart. The occasion lasts from the earliest start to the latest
 * end; a person's stated uplift counts before a feed's; its kind is one that says more than the title.
 */
export function withoutDuplicates(events: readonly DemandEvent[]): DemandEvent[] {
  const byTitle = new Map<string, DemandEvent[][]>();
  for (const event of [...events].sort((a, b) => a.startMs - b.startMs)) {
    const occasions = byTitle.get(titleOf(event)) ?? [];
    byTitle.set(titleOf(event), occasions);
    const same = occasions.find(
      (known) =>
        known.every(({ source }) => source !== event.source) &&
        known.some(({ startMs, endMs }) => event.startMs - startMs < toleranceMs && event.startMs < endMs),
    );
    if (same === undefined) occasions.push([event]);
    else same.push(event);
  }
  return [...byTitle.values()].flat().map(merged);
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
