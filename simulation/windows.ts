/** A replay with forecasts → the hours worth looking at: the worst one, the most wasteful one and a typical one, bin by bin. */
import { peakAtRisk } from '../core/forecasting/peakQuantile';
import type { Policy, Replayed } from './replay';

/** One bin a row; capacity and demand in requests per bin, null where missing. */
export interface ShownWindow {
  readonly category: string;
  readonly label: 'worst' | 'wasteful' | 'typical';
  readonly startMs: number;
  readonly binMs: number;
  readonly probabilities: readonly number[];
  readonly counts: readonly (number | null)[];
  /** Highest count of the lead window that each decision was about. */
  readonly peaks: readonly (number | null)[];
  /** Forecast of `peaks`: one row a bin, at `probabilities`; empty without a forecast. */
  readonly quantiles: readonly (readonly number[])[];
  readonly planned: readonly number[];
  readonly routable: readonly number[];
}

/** The forecast peak of every evaluated bin at 1 − the policy's risk, NaN without one; null if the policy has no forecast. */
export function quantileAt({ peaks }: Replayed, policy: Policy): Float64Array | null {
  const { risk, probabilities } = policy;
  if (peaks === null || risk === undefined || probabilities === undefined) return null;
  return Float64Array.from(peaks, (peak) =>
    peak.length === 0 ? Number.NaN : peakAtRisk({ probabilities, peak }, risk),
  );
}

/** Three hours at bins of a minute, fewer bins at coarser ones. */
function windowBins(binMs: number): number {
  return Math.max(24, Math.min(180, Math.round((24 * 3_600_000) / binMs)));
}

/**
 * Windows of `replayed`: the one with the most overflow (or, without any, the tightest one), the one with the most idle
 * capacity, and the one whose idle capacity is the median of all that have no overflow. A window with a missing bin
 * counts as wasteful or typical only where there is no other.
 */
export function shownWindows(replayed: Replayed, probabilities: readonly number[]): ShownWindow[] {
  const { trace, routable, overflow } = replayed;
  const { series, fromBin, requestsPerNodeBin } = trace;
  const size = Math.min(windowBins(series.clock.binMs), routable.length);
  const candidates: { from: number; missing: number; overflow: number; idle: number }[] = [];
  const step = Math.max(1, Math.floor(size / 4));
  for (let from = 0; from + size <= routable.length; from += step) {
    const seen = { from, missing: 0, overflow: 0, idle: 0 };
    for (let index = from; index < from + size; index++) {
      const count = series.counts[fromBin + index]!;
      if (Number.isNaN(count)) seen.missing++;
      else {
        seen.overflow += overflow[index]!;
        seen.idle += routable[index]! * requestsPerNodeBin - count;
      }
    }
    if (seen.missing < size) candidates.push(seen);
  }
  if (candidates.length === 0) return [];
  const worst = candidates.reduce((best, seen) =>
    seen.overflow > best.overflow || (seen.overflow === best.overflow && seen.idle < best.idle) ? seen : best,
  );
  const apart = candidates.filter(({ from }) => Math.abs(from - worst.from) >= size);
  const whole = apart.filter((seen) => seen.missing === 0);
  const others = whole.length > 0 ? whole : apart;
  const wasteful = others.reduce<(typeof others)[number] | undefined>(
    (most, seen) => (most === undefined || seen.idle > most.idle ? seen : most),
    undefined,
  );
  const calm = others
    .filter((seen) => seen !== wasteful)
    .sort((a, b) => a.overflow - b.overflow || a.idle - b.idle);
  const quiet = calm.filter((seen) => seen.overflow === 0);
  const typical = quiet.length > 0 ? quiet[Math.floor(quiet.length / 2)] : calm[0];
  const cut = (label: ShownWindow['label'], from: number) =>
    cutWindow(replayed, probabilities, label, from, size);
  return [
    cut('worst', worst.from),
    ...(wasteful === undefined ? [] : [cut('wasteful', wasteful.from)]),
    ...(typical === undefined ? [] : [cut('typical', typical.from)]),
  ];
}

function cutWindow(
  replayed: Replayed,
  probabilities: readonly number[],
  label: ShownWindow['label'],
  from: number,
  size: number,
): ShownWindow {
  const { trace, planned, routable } = replayed;
  const { series, fromBin, leadBins } = trace;
  const known = (count: number | undefined) => (count === undefined || Number.isNaN(count) ? null : count);
  const bins = Array.from({ length: size }, (_, index) => fromBin + from + index);
  return {
    category: trace.category,
    label,
    startMs: series.startMs + (fromBin + from) * series.clock.binMs,
    binMs: series.clock.binMs,
    probabilities,
    counts: bins.map((bin) => known(series.counts[bin])),
    peaks: bins.map((bin) => {
      const ahead = Array.from(series.counts.subarray(bin, bin + leadBins + 1)).filter(
        (count) => !Number.isNaN(count),
      );
      return ahead.length === 0 ? null : Math.max(...ahead);
    }),
    quantiles: bins.map((_, index) => replayed.peaks?.[from + index] ?? []),
    planned: Array.from(planned.subarray(from, from + size)),
    routable: Array.from(routable.subarray(from, from + size)),
  };
}
