/** Made-up traces for the tests of the simulation. */
import { seededRandom } from '../../core/statistics/random';
import type { EvaluatedTrace } from '../../simulation/replay';

export const clock = { binMs: 60_000, dayMs: 86_400_000 };

/** A judged trace of these counts (NaN = missing), judged from bin `fromBin` on. */
export function traceOf(
  counts: ArrayLike<number>,
  change: Partial<Omit<EvaluatedTrace, 'series'>> & { binMs?: number } = {},
): EvaluatedTrace {
  const { binMs = clock.binMs, ...rest } = change;
  return {
    category: 'all',
    series: { clock: { ...clock, binMs }, startMs: 0, counts: Float64Array.from(counts) },
    events: [],
    fromBin: 0,
    toBin: counts.length,
    requestsPerNodeBin: 10,
    leadBins: 2,
    ...rest,
  };
}

/** Bins of a daily cycle with noise, a spike now and then, and a gap of some hours. */
export function dailyCounts(bins: number, binMs: number, seed: number, gap?: [number, number]): Float64Array {
  const random = seededRandom(seed);
  const day = clock.dayMs / binMs;
  return Float64Array.from({ length: bins }, (_, bin) => {
    if (gap !== undefined && bin >= gap[0] && bin < gap[1]) return Number.NaN;
    const level = 200 + 150 * Math.sin((2 * Math.PI * bin) / day) + (random() < 0.005 ? 300 * random() : 0);
    return Math.max(0, Math.round(level * (0.85 + 0.3 * random())));
  });
}
