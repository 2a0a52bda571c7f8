/**
 * A trace’s series → the window to show: the steepest rise that builds up over minutes. Nobody can foresee a step from
 * one minute to the next, so abrupt windows lose.
 */
import { binStart } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import { PamError } from '../../core/errors';

export interface WindowOptions {
  /** Bins that are played after the start, and before it as warm-up; all of them must be measured. */
  readonly bins: number;
  readonly warmUpBins: number;
  /** Bins of history that must lie before the warm-up. */
  readonly historyBins: number;
}

export interface SteepWindow {
  readonly fromMs: number;
  /** Demand after `rampBins` ÷ demand before, at the steepest place of the window, from means over `blockBins`. */
  readonly rise: number;
  /** Largest ratio of two neighbouring blocks: the size of a sudden step. */
  readonly jump: number;
}

/** Bins over which a rise is measured, and bins that are averaged so that noise is not taken for a rise. */
const rampBins = 30;
const blockBins = 5;
/** Blocks of calm before the ramp, so that its start is visible. */
const calmBlocks = 2;
/** The ramp must start from at least this share of the trace’s median: a server that comes back is no ramp. */
const leastStart = 0.5;

/**
 * The window with the largest log(rise) − 2 log(jump). On a tie the last in time, which shows most of what follows.
 * Throws PamError INVALID_DATA if no window has the history and all its bins.
 */
export function steepestWindow(series: DemandSeries, options: WindowOptions): SteepWindow {
  const { counts } = series;
  const floor = medianOf(counts) * leastStart;
  const warmUp = Math.ceil(options.warmUpBins / blockBins) * blockBins;
  let best: (SteepWindow & { score: number }) | null = null;
  const first = options.historyBins + warmUp;
  for (let start = first; start + options.bins <= counts.length; start += blockBins) {
    const candidate = ratingOf(
      counts.subarray(start - warmUp, start + options.bins),
      warmUp / blockBins,
      floor,
    );
    if (candidate !== null && (best === null || candidate.score >= best.score))
      best = { ...candidate, fromMs: series.startMs + start * series.clock.binMs };
  }
  if (best === null)
    throw new PamError(
      'INVALID_DATA',
      `no window of ${options.bins} measured bins with demand lies after ${options.historyBins} bins of history in the ${counts.length} bins of this trace; expected a longer trace, or a start ("from")`,
    );
  return { fromMs: binStart(series.clock, best.fromMs), rise: best.rise, jump: best.jump };
}

function ratingOf(
  counts: Float64Array,
  warmUpBlocks: number,
  floor: number,
): { rise: number; jump: number; score: number } | null {
  const blocks: number[] = [];
  for (let at = 0; at + blockBins <= counts.length; at += blockBins) {
    let sum = 0;
    for (let bin = at; bin < at + blockBins; bin++) sum += counts[bin]!;
    if (!(sum > 0)) return null;
    blocks.push(sum / blockBins);
  }
  let jump = 1;
  for (let at = 1; at < blocks.length; at++) {
    const ratio = blocks[at]! / blocks[at - 1]!;
    jump = Math.max(jump, ratio, 1 / ratio);
  }
  const span = rampBins / blockBins;
  let rise = 0;
  for (let at = warmUpBlocks + calmBlocks; at + span < blocks.length; at++)
    if (blocks[at]! >= floor) rise = Math.max(rise, blocks[at + span]! / blocks[at]!);
  return rise > 0 ? { rise, jump, score: Math.log(rise) - 2 * Math.log(jump) } : null;
}

function medianOf(counts: Float64Array): number {
  const measured = counts.filter((count) => !Number.isNaN(count)).sort();
  return measured[Math.floor(measured.length / 2)] ?? 0;
}
