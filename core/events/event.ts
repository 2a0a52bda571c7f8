/** A known occasion that changes demand: a match, a campaign, a release. Enters the forecast as a feature. */
export interface DemandEvent {
  /** Stable within its source (the iCalendar UID, a campaign id); the same id again replaces the event. */
  readonly id: string;
  /** What occasions of this sort share, e.g. `group stage`; the effect is learned per kind. */
  readonly kind: string;
  readonly title: string;
  /** First and last instant, ms since the epoch; `endMs` > `startMs`. */
  readonly startMs: number;
  readonly endMs: number;
  /** Stated prior: demand during the event ÷ demand without it, e.g. 3; absent = learn it. */
  readonly expectedUplift?: number;
  /** Time, ms, after which the stated uplift has halved, in logs, as attention to news does. Absent: it stays. */
  readonly halfLifeMs?: number;
  /** Feed or person that announced it. */
  readonly source: string;
}

/** Log of the uplift that is stated for `atMs`, during the event; 0 where none is stated. */
export function statedLog({ expectedUplift, halfLifeMs, startMs }: DemandEvent, atMs: number): number {
  if (expectedUplift === undefined) return 0;
  const log = Math.log(expectedUplift);
  return halfLifeMs === undefined ? log : log * 2 ** (-Math.max(0, atMs - startMs) / halfLifeMs);
}
