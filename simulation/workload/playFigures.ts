/**
 * Demand per bin, the lives of nodes and the forecasts of a played window → the figures of the summary. Arithmetic
 * only, so that it is tested on hand-made data.
 */

/** Times in ms on the same clock as the bins; null = never. */
export interface NodeSpan {
  readonly createdMs: number;
  readonly routableMs: number | null;
  readonly removedMs: number | null;
}

/** Bins of `binMs` from `fromMs` on. */
export interface PlayedBins {
  readonly fromMs: number;
  readonly binMs: number;
  readonly counts: readonly number[];
}

/** Node-bins used in the window, booting included, counted as the scorecard counts cost. */
export function nodeBinsUsed(nodes: readonly NodeSpan[], { fromMs, binMs, counts }: PlayedBins): number {
  const toMs = fromMs + counts.length * binMs;
  let usedMs = 0;
  for (const { createdMs, removedMs } of nodes)
    usedMs += Math.max(0, Math.min(removedMs ?? toMs, toMs) - Math.max(createdMs, fromMs));
  return usedMs / binMs;
}

/** Nodes that take traffic from each bin’s start to its end. A node that comes or goes within a bin does not count. */
export function routableAtStart(nodes: readonly NodeSpan[], { fromMs, binMs, counts }: PlayedBins): number[] {
  return counts.map((_, bin) => {
    const startMs = fromMs + bin * binMs;
    return nodes.filter(
      ({ routableMs, removedMs }) =>
        routableMs !== null && routableMs <= startMs && (removedMs === null || removedMs > startMs),
    ).length;
  });
}

/** Nodes that the demand of each bin needs; at least one. */
export function neededNodes(counts: readonly number[], requestsPerNodeBin: number): number[] {
  return counts.map((count) => Math.max(1, Math.ceil(count / requestsPerNodeBin - 1e-9)));
}

export interface Readiness {
  /** Nodes that rising demand newly needed, over all bins that needed more than the bin before. */
  readonly needed: number;
  /** Those of them that took traffic before that bin began. */
  readonly ready: number;
  /** Bins in which fewer nodes took traffic than were needed, of all bins. */
  readonly shortBins: number;
  readonly bins: number;
}

/** Whether the nodes were there before the demand. The first bin counts as a rise from nothing. */
export function readiness(needed: readonly number[], routable: readonly number[]): Readiness {
  let newly = 0;
  let ready = 0;
  let shortBins = 0;
  needed.forEach((want, bin) => {
    const before = needed[bin - 1] ?? 0;
    const there = routable[bin] ?? 0;
    if (there < want) shortBins++;
    if (want <= before) return;
    newly += want - before;
    ready += Math.min(want - before, Math.max(0, there - before));
  });
  return { needed: newly, ready, shortBins, bins: needed.length };
}

/** A forecast made at `originMs`: of the count `aheadBins` ahead (1 = the bin that starts at the origin) and of the peak. */
export interface MadeForecast {
  readonly originMs: number;
  readonly aheadBins: number;
  readonly p50: number;
  readonly leadBins: number;
  /** Quantile at 1 − risk of the highest count in the bin of the origin and the `leadBins` after it. */
  readonly peakUpper: number;
}

export interface ForecastFigures {
  /** Σ|p50 − actual| ÷ Σ actual at the horizon; null without a decided forecast. */
  readonly error: number | null;
  /** The same for the last value before the origin. */
  readonly lastValueError: number | null;
  readonly scored: number;
  /** Share of lead windows whose peak stayed at or below the upper quantile; null without any. */
  readonly coverage: number | null;
  readonly windows: number;
}

/** Compares only forecasts whose bins all are in the window; one per bin, the latest. */
export function forecastFigures(forecasts: readonly MadeForecast[], played: PlayedBins): ForecastFigures {
  const { fromMs, binMs, counts } = played;
  const latest = new Map<number, MadeForecast>();
  for (const forecast of forecasts) latest.set(Math.round((forecast.originMs - fromMs) / binMs), forecast);
  let missed = 0;
  let missedByLast = 0;
  let actualSum = 0;
  let scored = 0;
  let covered = 0;
  let windows = 0;
  for (const [bin, { aheadBins, p50, leadBins, peakUpper }] of latest) {
    const actual = counts[bin + aheadBins - 1];
    const last = counts[bin - 1];
    if (actual !== undefined && last !== undefined) {
      missed += Math.abs(p50 - actual);
      missedByLast += Math.abs(last - actual);
      actualSum += actual;
      scored++;
    }
    if (bin >= 0 && bin + leadBins < counts.length) {
      windows++;
      if (Math.max(...counts.slice(bin, bin + leadBins + 1)) <= peakUpper) covered++;
    }
  }
  const share = (part: number) => (actualSum > 0 ? part / actualSum : null);
  return {
    error: share(missed),
    lastValueError: share(missedByLast),
    scored,
    coverage: windows === 0 ? null : covered / windows,
    windows,
  };
}
