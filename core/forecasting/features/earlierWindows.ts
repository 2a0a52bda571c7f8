/**
 * Demand in the same window at earlier, similar times → features. Similar are the same minutes of the days before, and the
 * same minutes of earlier events, counted from their start. All values are relative to the level at that time.
 */
import { binsPerDay } from '../../demand/clock';
import type { DemandEvent } from '../../events/event';
import type { TargetWindow } from '../target';
import type { DemandView } from './demandView';

// biome-ignore format: one group of features a line
export const seasonNames = [
  'yesterdayLevel', 'yesterdayGrowth', 'yesterdayPeak', 'yesterdayLater',
  'weekLevel', 'weekGrowth', 'weekPeak', 'weekLater',
  'daysLevel', 'daysGrowth', 'daysPeak', 'daysPeakHighest', 'daysLater',
] as const;

export const occasionNames = [
  'occasionLevel',
  'occasionGrowth',
  'occasionPeak',
  'occasionPeakHighest',
  'occasionLater',
] as const;

const daysBack = 7;
/** Earlier events that are looked at, the latest first, all within `daysBack`. */
const mostOccasions = 6;

/** Logs of demand around an earlier time. `growth`, `peak` and `later` are above `level`; NaN where not measured. */
interface Earlier {
  readonly level: number;
  readonly growth: number;
  readonly peak: number;
  /** What came after the window. */
  readonly later: number;
}

/** Reads `window` of a decision made before bin `then`, without reading at or after `index`. */
function earlier(view: DemandView, index: number, then: number, window: TargetWindow): Earlier | null {
  const before = Math.max(2, Math.min(15, window.to + 1));
  const smooth = window.from === window.to ? Math.min(3, Math.floor(binsPerDay(view.series.clock) / 96)) : 0;
  const level = view.mean(then - before, then);
  const from = then + window.from - smooth;
  const to = Math.min(index, then + window.to + 1 + smooth);
  const growth = view.mean(from, to) - level;
  if (Number.isNaN(growth)) return null;
  const afterwards = Math.min(index, then + 3 * (window.to + 1) + 6);
  return {
    level,
    growth,
    peak: view.max(from, to) - level,
    later: view.mean(then + window.to + 1, afterwards) - level,
  };
}

/** What the same minutes did on the days before: level then against now, and how demand moved on from there. */
export function writeSeason(
  view: DemandView,
  index: number,
  window: TargetWindow,
  level: number,
  row: Float64Array,
  offset: number,
): void {
  const day = binsPerDay(view.series.clock);
  const nearest = Math.ceil((window.to + 1) / day);
  const all = new Mean();
  row.fill(Number.NaN, offset, offset + seasonNames.length);
  for (let back = nearest; back <= Math.max(daysBack, nearest); back++) {
    const found = earlier(view, index, index - back * day, window);
    if (found === null) continue;
    const own = back === nearest ? offset : back === daysBack ? offset + 4 : -1;
    if (own >= 0) {
      row[own] = found.level - level;
      row[own + 1] = found.growth;
      row[own + 2] = found.peak;
      row[own + 3] = found.later;
    }
    all.add(found, level);
  }
  all.write(row, offset + 8);
}

/** What the same minutes of events before `event` did, counted from their start; NaN without an event. */
export function writeOccasions(
  view: DemandView,
  index: number,
  window: TargetWindow,
  event: DemandEvent | null,
  level: number,
  row: Float64Array,
  offset: number,
): void {
  row.fill(Number.NaN, offset, offset + occasionNames.length);
  if (event === null) return;
  const { binMs, dayMs } = view.series.clock;
  const earliestMs = Math.max(view.timeOf(0), view.timeOf(index) - daysBack * dayMs);
  const all = new Mean();
  for (const startMs of view.timeline.startsBefore(event.startMs, earliestMs, mostOccasions)) {
    const then = index - Math.round((event.startMs - startMs) / binMs);
    // An event that began a few minutes earlier has not shown its window yet.
    if (then + window.to >= index) continue;
    const found = earlier(view, index, then, window);
    if (found !== null) all.add(found, level);
  }
  all.write(row, offset);
}

/** Means over earlier times: level, growth, peak, the highest peak, later. */
class Mean {
  private count = 0;
  private level = 0;
  private growth = 0;
  private peak = 0;
  private highest = Number.NEGATIVE_INFINITY;
  private later = 0;

  add(found: Earlier, presentLevel: number): void {
    this.count++;
    this.level += found.level - presentLevel;
    this.growth += found.growth;
    this.peak += found.peak;
    this.highest = Math.max(this.highest, found.peak);
    if (!Number.isNaN(found.later)) this.later += found.later;
  }

  /** Leaves `row` as it is where nothing was found. */
  write(row: Float64Array, offset: number): void {
    if (this.count === 0) return;
    row[offset] = this.level / this.count;
    row[offset + 1] = this.growth / this.count;
    row[offset + 2] = this.peak / this.count;
    row[offset + 3] = this.highest;
    row[offset + 4] = this.later / this.count;
  }
}
