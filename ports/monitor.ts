/** What is being measured right now, between two bins. */
export interface LiveDemand {
  /** Requests per second since the last completed bin; null when the proxy can't tell. */
  readonly requestsPerSecond: number | null;
  /** How much time that rate covers, ms; a rate over an instant is noise. */
  readonly overMs: number;
  /** Share of the pool's capacity in use, 0 to 1; null without nodes. */
  readonly utilization: number | null;
}

export interface Monitor {
  live(category: string): Promise<LiveDemand>;
}
