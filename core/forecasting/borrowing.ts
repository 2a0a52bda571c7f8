/**
 * Another category's model and this category's short history → how much better it would have served than the last
 * value. Models see demand relative to its present level, so one that was learned elsewhere may fit here from the first
 * hour; whether it does shows on the few bins that there are.
 */
import { type DemandSeries, seriesEndMs, sliceSeries } from '../demand/series';
import { lastValueFamily } from './lastValue';
import type { FittedModel, ForecastContext, ForecastQuery } from './model';
import { pinball } from './scoring';
import { actualOf, peakWindow } from './target';

export interface BorrowedFigures {
  /** Loss of the peak's upper quantiles ÷ that of the last value; below 1 the model is better. */
  readonly ratio: number;
  readonly decisions: number;
}

/** Fewest decided forecasts that a model is judged on, and the most that it is led through. */
export const fewestDecisions = 30;
const mostDecisions = 180;
/** A model is taken only when clearly better; one in use stays while it is not worse. */
const clearlyBetter = 0.9;

/**
 * Leads `model` through the latest bins as if it had served there, up to the end of `recent`, and compares pinball
 * losses of the peak at the query's upper probabilities (geometric mean of their ratios). Null with too few decisions.
 */
export async function judgeBorrowed(
  model: FittedModel,
  recent: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
): Promise<BorrowedFigures | null> {
  const { counts, startMs, clock } = recent;
  const window = peakWindow(query.leadBins);
  const upper = query.probabilities.flatMap((probability, index) => (probability >= 0.9 ? [index] : []));
  const losses = upper.map(() => ({ model: 0, anchor: 0 }));
  let decisions = 0;
  let demand = 0;
  const last = counts.length;
  for (let index = Math.max(1, last - mostDecisions - window.to); index <= last; index++) {
    const past = sliceSeries(recent, startMs, startMs + index * clock.binMs);
    const peak = model.forecast(past, query, context).peak;
    const actual = actualOf(counts, index, window);
    const anchor = Number.isNaN(actual) ? null : await anchorPeak(past, query, context);
    if (anchor === null) continue;
    decisions++;
    demand += actual;
    upper.forEach((at, row) => {
      const probability = query.probabilities[at]!;
      losses[row]!.model += pinball(actual, peak[at]!, probability);
      losses[row]!.anchor += pinball(actual, anchor[at]!, probability);
    });
  }
  if (decisions < fewestDecisions || upper.length === 0) return null;
  // On a constant series both losses vanish and the ratio is 1.
  const negligible = 1e-6 * (demand + decisions);
  const logs = losses.map((loss) => Math.log((loss.model + negligible) / (loss.anchor + negligible)));
  return { ratio: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length), decisions };
}

async function anchorPeak(
  past: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
): Promise<readonly number[] | null> {
  const anchorFrom = seriesEndMs(past) - 720 * past.clock.binMs;
  const seen = sliceSeries(past, anchorFrom, seriesEndMs(past));
  try {
    const model = await lastValueFamily.fit(seen, context, { ...query, seed: 1 });
    return model.forecast(seen, query, context).peak;
  } catch {
    // Too few measured bins even for the anchor.
    return null;
  }
}

export interface Judged {
  readonly id: string;
  readonly figures: BorrowedFigures;
}

/** The model to borrow; null = none is better than the last value. `inUse` is left only for a clearly better one. */
export function chooseBorrowed(judged: readonly Judged[], inUse: string | null): Judged | null {
  const best = judged.reduce<Judged | null>(
    (found, one) => (found === null || one.figures.ratio < found.figures.ratio ? one : found),
    null,
  );
  const current = judged.find(({ id }) => id === inUse) ?? null;
  if (best === null) return null;
  if (current !== null && current.figures.ratio < 1)
    return best.figures.ratio < current.figures.ratio * clearlyBetter ? best : current;
  return best.figures.ratio < clearlyBetter ? best : null;
}
