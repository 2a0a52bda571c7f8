/**
 * Another category's model and this category's short history → how much better it would have served than the last
 * value. Models see demand relative to its present level, so one that was learned elsewhere may fit here from the first
 * hour; whether it does shows on the few bins that there are.
 */
import { type DemandSeries, measuredBins, sliceSeries } from '../demand/series';
import { lastValueFamily } from '../forecasting/families/naive/lastValue';
import type { FittedModel, ForecastContext, ForecastQuery } from '../forecasting/model';
import { actualOf, peakWindow } from '../forecasting/target';
import { anchorBins } from '../forecasting/trainingWindow';
import { pinball } from '../statistics/scoring';

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

/** Bins between two fits of the anchor: between them it is brought up to date by its forecasts alone. */
const anchorFittedEvery = 15;

/** What the last value would have forecast at one origin, and what the peak turned out to be. */
interface AnchoredOrigin {
  /** Bins of the history before the decision. */
  readonly index: number;
  readonly peak: readonly number[];
  /** NaN when not decided yet. */
  readonly actual: number;
}

/** The latest origins with the anchor's forecasts: the yardstick of every model that could be borrowed. */
export async function anchorForecasts(
  recent: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
): Promise<AnchoredOrigin[]> {
  const { counts, startMs, clock } = recent;
  const window = peakWindow(query.leadBins);
  const origins: AnchoredOrigin[] = [];
  let anchor: FittedModel | null = null;
  for (let index = Math.max(1, counts.length - mostDecisions - window.to); index <= counts.length; index++) {
    const endMs = startMs + index * clock.binMs;
    const past = sliceSeries(recent, endMs - anchorBins * clock.binMs, endMs);
    if (measuredBins(past) < lastValueFamily.minimumBins(past)) continue;
    if (anchor === null || origins.length % anchorFittedEvery === 0)
      anchor = await lastValueFamily.fit(past, context, { ...query, seed: 1 });
    const actual = actualOf(counts, index, window);
    origins.push({ index, actual, peak: anchor.forecast(past, query, context).peak });
  }
  return origins;
}

/**
 * Leads `model` through the origins as if it had served there and compares pinball losses of the peak at the query's
 * upper probabilities (geometric mean of their ratios). Null with too few decisions.
 */
export function judgeBorrowed(
  model: FittedModel,
  recent: DemandSeries,
  origins: readonly AnchoredOrigin[],
  query: ForecastQuery,
  context: ForecastContext,
): BorrowedFigures | null {
  const { startMs, clock } = recent;
  const upper = query.probabilities.flatMap((probability, index) => (probability >= 0.9 ? [index] : []));
  const losses = upper.map(() => ({ model: 0, anchor: 0 }));
  let decisions = 0;
  let demand = 0;
  for (const { index, actual, peak: anchor } of origins) {
    const past = sliceSeries(recent, startMs, startMs + index * clock.binMs);
    const { peak } = model.forecast(past, query, context);
    if (Number.isNaN(actual)) continue;
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
