/** A history → the smoothing of the present level: the weight that a bin keeps one bin later. */
import type { DemandView } from './demandView';

/** One choice for every category; chosen on real traces, see docs/forecasting.md. */
const keeps = [0.3, 0.5, 0.65, 0.8];
/** How many of the latest bins are looked at. */
const mostSmoothed = 10_000;

/** The smoothing whose level misses the next bin least (mean absolute error): little on smooth demand, much on noisy. */
export function bestKeep(view: DemandView): number {
  const from = Math.max(1, view.length - mostSmoothed);
  let best = keeps[0]!;
  let least = Number.POSITIVE_INFINITY;
  for (const keep of keeps) {
    let missed = 0;
    let weighted = 0;
    let weight = 0;
    for (let index = from; index < view.length; index++) {
      const log = view.at(index);
      if (weight > 1e-6 && !Number.isNaN(log)) missed += Math.abs(log - weighted / weight);
      weighted *= keep;
      weight *= keep;
      if (Number.isNaN(log)) continue;
      weighted += log;
      weight += 1;
    }
    if (missed < least) {
      least = missed;
      best = keep;
    }
  }
  return best;
}
