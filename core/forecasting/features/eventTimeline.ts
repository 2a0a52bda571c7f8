/** Known events → features at an instant: how far the next start and end are, what is on, what uplift is expected. */
import { type DemandEvent, statedLog } from '../../events/event';
import { withoutDuplicates } from '../../events/sameOccasion';

/** How far an event reaches into the features, in minutes of a day of 1,440. */
const reachMinutes = 240;

export const eventFeatureNames = [
  'toNextStart',
  'sinceLastStart',
  'toNextEnd',
  'sinceLastEnd',
  'onNow',
  'onAhead',
  'kindOfNearest',
  'priorAhead',
] as const;

/** Distances are in minutes of a day of 1,440, so a scaled replay has the same features as real time. */
export class EventTimeline {
  /** Without duplicates, by start. */
  readonly events: readonly DemandEvent[];
  private readonly kinds: ReadonlyMap<string, number>;
  private readonly longestMs: number;
  private readonly minuteMs: number;

  /** `kinds`: rank of each kind as at fitting; a kind that is not in it has no rank (NaN). */
  constructor(events: readonly DemandEvent[], dayMs: number, kinds?: readonly string[]) {
    this.events = withoutDuplicates(events).sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
    this.minuteMs = dayMs / 1_440;
    this.longestMs = this.events.reduce(
      (longest, event) => Math.max(longest, event.endMs - event.startMs),
      0,
    );
    this.kinds = new Map((kinds ?? kindsOf(events)).map((kind, rank) => [kind, rank]));
  }

  /**
   * Writes `eventFeatureNames` for a decision at `nowMs` about demand in [fromMs, toMs). Returns the event whose time is
   * nearest to the decision, within the reach of the features; null without one.
   */
  write(nowMs: number, fromMs: number, toMs: number, row: Float64Array, offset: number): DemandEvent | null {
    const reachMs = reachMinutes * this.minuteMs;
    let nextStart = Number.NaN;
    let lastStart = Number.NaN;
    let nextEnd = Number.NaN;
    let lastEnd = Number.NaN;
    let onNow = 0;
    let onAhead = 0;
    let nearest: DemandEvent | null = null;
    let leastDistance = Number.POSITIVE_INFINITY;
    for (
      let index = this.firstStartingAfter(nowMs - this.longestMs - reachMs);
      index < this.events.length;
      index++
    ) {
      const event = this.events[index]!;
      if (event.startMs > nowMs + reachMs && event.startMs >= toMs) break;
      if (event.startMs <= nowMs && nowMs < event.endMs) onNow++;
      if (event.startMs < toMs && event.endMs > fromMs) onAhead++;
      const started = nowMs - event.startMs;
      const ended = nowMs - event.endMs;
      if (started < 0 && -started <= reachMs && !(-started >= nextStart)) nextStart = -started;
      if (started >= 0 && started <= reachMs && !(started >= lastStart)) lastStart = started;
      if (ended < 0 && -ended <= reachMs && !(-ended >= nextEnd)) nextEnd = -ended;
      if (ended >= 0 && ended <= reachMs && !(ended >= lastEnd)) lastEnd = ended;
      const distance = started < 0 ? -started : Math.max(0, ended);
      if (distance <= reachMs && distance < leastDistance) {
        leastDistance = distance;
        nearest = event;
      }
    }
    row[offset] = nextStart / this.minuteMs;
    row[offset + 1] = lastStart / this.minuteMs;
    row[offset + 2] = nextEnd / this.minuteMs;
    row[offset + 3] = lastEnd / this.minuteMs;
    row[offset + 4] = onNow;
    row[offset + 5] = onAhead;
    row[offset + 6] = (nearest === null ? undefined : this.kinds.get(nearest.kind)) ?? Number.NaN;
    row[offset + 7] = this.prior(fromMs, toMs) - this.prior(nowMs - 1, nowMs);
    return nearest;
  }

  /** Distinct starts in [fromMs, beforeMs), the latest first, at most `most`. */
  startsBefore(beforeMs: number, fromMs: number, most: number): number[] {
    const starts: number[] = [];
    for (let index = this.firstStartingAfter(beforeMs) - 1; index >= 0 && starts.length < most; index--) {
      const { startMs } = this.events[index]!;
      if (startMs < fromMs) break;
      if (startMs !== starts.at(-1)) starts.push(startMs);
    }
    return starts;
  }

  /** Events that touch [fromMs, toMs), by start. */
  overlapping(fromMs: number, toMs: number): DemandEvent[] {
    const found: DemandEvent[] = [];
    for (
      let index = this.firstStartingAfter(fromMs - this.longestMs - 1);
      index < this.events.length;
      index++
    ) {
      const event = this.events[index]!;
      if (event.startMs >= toMs) break;
      if (event.endMs > fromMs) found.push(event);
    }
    return found;
  }

  onAt(timeMs: number): DemandEvent[] {
    return this.events.length === 0 ? [] : this.overlapping(timeMs, timeMs + 1);
  }

  get isEmpty(): boolean {
    return this.events.length === 0;
  }

  /** The highest stated uplift, log, on in [fromMs, toMs); 0 without any. */
  private prior(fromMs: number, toMs: number): number {
    let highest = Number.NEGATIVE_INFINITY;
    for (
      let index = this.firstStartingAfter(fromMs - this.longestMs - 1);
      index < this.events.length;
      index++
    ) {
      const event = this.events[index]!;
      if (event.startMs >= toMs) break;
      if (event.endMs <= fromMs || event.expectedUplift === undefined) continue;
      highest = Math.max(highest, statedLog(event, Math.max(fromMs, event.startMs)));
    }
    return highest === Number.NEGATIVE_INFINITY ? 0 : highest;
  }

  private firstStartingAfter(timeMs: number): number {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.events[middle]!.startMs < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Kinds by how often they occur, most frequent first. */
export function kindsOf(events: readonly DemandEvent[]): string[] {
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts.entries()].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([kind]) => kind);
}
