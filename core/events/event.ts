/** A known occasion that changes demand: a match, a campaign, a release. It is a feature of the forecast. */
export interface DemandEvent {
  /** Stable within its source (the iCalendar UID, a campaign id): the same id replaces the event. */
  readonly id: string;
  /** Shared by similar occasions, such as `group stage`: the effect is learned per kind. */
  readonly kind: string;
  readonly title: string;
  /** First and last instant, ms since the epoch; `endMs` > `startMs`. */
  readonly startMs: number;
  readonly endMs: number;
  /** Stated prior: demand during the event ÷ demand without it, such as 3; absent = learn it. */
  readonly expectedUplift?: number;
  /** Half-life of the stated uplift (in logs) after the start, ms, as attention to news fades; absent = it stays. */
  readonly halfLifeMs?: number;
  /** Feed or person that announced it. */
  readonly source: string;
}

/** Log of the uplift that is stated for `atMs`, during the event; 0 if none is stated. */
export function statedLog({ expectedUplift, halfLifeMs, startMs }: DemandEvent, atMs: number): number {
  if (expectedUplift === undefined) return 0;
  const log = Math.log(expectedUplift);
  return halfLifeMs === undefined ? log : log * 2 ** (-Math.max(0, atMs - startMs) / halfLifeMs);
}
