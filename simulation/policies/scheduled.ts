/**
 * The rule of predictive scaling in clouds: capacity for the same hour’s mean over the last 14 days, ordered ahead of
 * the hour; or the reactive rule, if that is larger.
 */
import { nodesFor } from '../../core/capacity/decide';
import type { EvaluatedTrace, Policy } from '../replay';
import { reactiveDecider } from './reactive';

const days = 14;
const hoursPerDay = 24;
/** The scheduling buffer; the lead time replaces it if that is longer. */
const aheadMs = 300_000;

export function scheduled(target: number): Policy {
  return {
    name: 'scheduled',
    knob: `${target}`,
    start(trace) {
      const { series, requestsPerNodeBin, leadBins } = trace;
      const { binMs } = series.clock;
      const hourMs = series.clock.dayMs / hoursPerDay;
      const ahead = Math.max(aheadMs, leadBins * binMs);
      const load = hourlyMeans(trace, hourMs);
      const react = reactiveDecider(trace, target);
      return {
        async decide(view) {
          const nowMs = series.startMs + view.bin * binMs;
          const ready = [nowMs, nowMs + ahead].map((atMs) =>
            load(Math.floor(atMs / hourMs), view.past.counts),
          );
          const expected = Math.max(...ready);
          const { nodes } = await react.decide(view);
          return { nodes: Math.max(nodes, nodesFor(expected, requestsPerNodeBin * target)) };
        },
      };
    },
  };
}

/** Mean requests per bin of an hour (counted from the epoch) on the days before it; 0 if none is known. */
function hourlyMeans(
  { series }: EvaluatedTrace,
  hourMs: number,
): (hour: number, past: Float64Array) => number {
  const { binMs } = series.clock;
  const complete = new Map<number, number>();
  const expected = new Map<number, number>();

  /** Mean of one hour that has ended; NaN without a measured bin. */
  function meanOf(hour: number, past: Float64Array): number {
    const known = complete.get(hour);
    if (known !== undefined) return known;
    const from = Math.max(0, Math.ceil((hour * hourMs - series.startMs) / binMs));
    const to = Math.ceil(((hour + 1) * hourMs - series.startMs) / binMs);
    let sum = 0;
    let measured = 0;
    for (let bin = from; bin < Math.min(to, past.length); bin++) {
      const count = past[bin]!;
      if (Number.isNaN(count)) continue;
      sum += count;
      measured++;
    }
    const mean = measured === 0 ? Number.NaN : sum / measured;
    complete.set(hour, mean);
    return mean;
  }

  return (hour, past) => {
    const cached = expected.get(hour);
    if (cached !== undefined) return cached;
    let sum = 0;
    let found = 0;
    for (let day = 1; day <= days; day++) {
      const mean = meanOf(hour - day * hoursPerDay, past);
      if (Number.isNaN(mean)) continue;
      sum += mean;
      found++;
    }
    const mean = found === 0 ? 0 : sum / found;
    expected.set(hour, mean);
    return mean;
  };
}
