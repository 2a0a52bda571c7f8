/**
 * A statistic, bin after bin → whether it is higher than it has been on any of the days before.
 *
 * Scores of overlapping windows depend on each other, tails are heavy and every category has its own noise, so the
 * threshold is not computed from a distribution: it is a margin above high daily maxima of the statistic. Were
 * days exchangeable, a day's maximum would exceed the k-th highest of n days before with probability k ÷ (n + 1), however the
 * bins within a day depend on each other (the conformal p-value of Vovk, Gammerman and Shafer 2005, with days as examples);
 * the margin lowers that further.
 */

/** Days that are remembered. */
export const recordDays = 28;
/** Days that must have passed before the first alarm. */
const warmUpDays = 7;

/** Plain data, kept between calls. */
export interface DailyRecord {
  /** The day that `top` is the maximum of so far, counted from the epoch; null before the first. */
  readonly day: number | null;
  readonly top: number;
  /** Maxima of the days before, oldest first. */
  readonly tops: readonly number[];
}

export const noRecord: DailyRecord = { day: null, top: 0, tops: [] };

/** What a statistic asks of its records. */
export interface RecordRule {
  /** Less than this is never worth an alarm, in the statistic's unit. */
  readonly floor: number;
  /** × the usual daily high of `days` days; 1.15 + 1.5 ÷ days when left out: 1.36 after a week, 1.2 after four. */
  readonly margin?: number;
}

/**
 * What the statistic must exceed for an alarm, in its unit; infinite while too few days are known. It rests on the highest
 * daily maximum, of 14 days and more on the second highest, of 28 on the third, so that one outage does not blind the test
 * for a month: before the margin a day's maximum exceeds it about once a fortnight.
 */
export function thresholdOf({ tops }: DailyRecord, { floor, margin }: RecordRule): number {
  if (tops.length < warmUpDays) return Number.POSITIVE_INFINITY;
  const descending = [...tops].sort((a, b) => b - a);
  const usualHigh = descending[Math.ceil((tops.length + 1) / 14) - 1]!;
  return Math.max(floor, (margin ?? 1.15 + 1.5 / tops.length) * usualHigh);
}

/** The record with one more value of day `day`. */
export function withValue(record: DailyRecord, day: number, value: number): DailyRecord {
  if (record.day === day) return value > record.top ? { ...record, top: value } : record;
  return {
    day,
    top: value,
    tops: record.day === null ? [] : [...record.tops, record.top].slice(-recordDays),
  };
}
