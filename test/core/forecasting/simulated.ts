/** Demand made of a daily wave, noise and bursts, for tests that need a truth to compare with. */
import type { DemandSeries } from '../../../core/demand/series';
import { seededRandom } from '../../../core/statistics/random';

export interface Simulation {
  readonly days: number;
  readonly binMs?: number;
  readonly mean?: number;
  /** Amplitude of the daily wave in logs. */
  readonly wave?: number;
  /** Standard deviation of the noise in logs; one part slow, one from bin to bin. */
  readonly noise?: number;
  readonly seed?: number;
}

export const dayMs = 86_400_000;
/** A Monday, 2024-01-01. */
export const startMs = 1_704_067_200_000;

export function simulate({
  days,
  binMs = 300_000,
  mean = 1_000,
  wave = 0.8,
  noise = 0.1,
  seed = 1,
}: Simulation): DemandSeries {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const counts = new Float64Array(Math.round((days * dayMs) / binMs));
  let slow = 0;
  for (let index = 0; index < counts.length; index++) {
    slow = 0.97 * slow + 0.25 * noise * normal();
    const phase = (2 * Math.PI * index * binMs) / dayMs;
    counts[index] = Math.round(mean * Math.exp(wave * Math.sin(phase) + slow + noise * normal()));
  }
  return { clock: { binMs, dayMs }, startMs, counts };
}

export function seriesOf(counts: ArrayLike<number>, binMs = 300_000): DemandSeries {
  return { clock: { binMs, dayMs }, startMs, counts: Float64Array.from(counts) };
}
