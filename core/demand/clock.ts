/**
 * The grid that a category's demand lives on. Everything in core counts in bins of this grid, so a demo that
 * plays a day in an hour sets a shorter bin and a shorter day and nothing else changes.
 */
export interface BinClock {
  /** Width of one bin, ms. */
  readonly binMs: number;
  /** Length of the daily season, ms; a whole number of bins. 86,400,000 outside of scaled replays. */
  readonly dayMs: number;
}

/** Start of the bin that contains `timeMs`, ms since the epoch. */
export function binStart(clock: BinClock, timeMs: number): number {
  return Math.floor(timeMs / clock.binMs) * clock.binMs;
}

/** Whole bins in `durationMs`, rounded up: a lead of 5.2 bins is a lead of 6. */
export function binsIn(clock: BinClock, durationMs: number): number {
  return Math.ceil(durationMs / clock.binMs - 1e-9);
}

/** Bins in one daily season. */
export function binsPerDay(clock: BinClock): number {
  return Math.round(clock.dayMs / clock.binMs);
}
