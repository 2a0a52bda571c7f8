/**
 * Other categories' models and this category's short history → the one that would have served it best, where that is
 * better than the baseline. Models see demand relative to its present level, so one that was learned elsewhere may fit
 * here from the first hour; whether it does shows on the few bins that there are.
 */
import type { BinClock } from '../demand/clock';
import { type DemandSeries, measuredBins, seriesEndMs, sliceSeries } from '../demand/series';
import { lastValueFamily } from '../forecasting/families/naive/lastValue';
import type { FittedModel, ForecastContext, ForecastQuery } from '../forecasting/model';
import { actualOf, peakWindow } from '../forecasting/target';
import { baselineBins } from '../forecasting/trainingWindow';
import { pinball } from '../statistics/scoring';
import type { ModelInService } from './modelInService';

/** Bins between two comparisons, and the most categories that are asked for their model. */
const comparedEveryBins = 15;
export const mostLenders = 6;

/** A category that has a model, and a copy of it as it was stored by its training. */
export interface Lender {
  readonly category: string;
  readonly model: ModelInService;
}

export interface Borrowed {
  /** The category whose model it is. */
  readonly lender: string;
  readonly model: ModelInService;
  readonly figures: BorrowedFigures;
}

/** What is carried from one decision of a borrower to the next. */
export interface Borrowing {
  readonly comparedMs: number;
  /** null = none was better than the baseline. */
  readonly borrowed: Borrowed | null;
}

/** Whether a model of the one is made for such bins, days and leads as the other has. */
export function mayLend(
  lender: BinClock & { readonly leadMs: number },
  borrower: BinClock & { readonly leadMs: number },
): boolean {
  return (
    lender.binMs === borrower.binMs && lender.dayMs === borrower.dayMs && lender.leadMs === borrower.leadMs
  );
}

/** The borrowing in force at the end of `recent`; every some bins the lenders are asked and compared anew. */
export async function borrowingNow(
  before: Borrowing | null,
  recent: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
  lendersNow: () => Promise<readonly Lender[]>,
): Promise<Borrowing> {
  const endMs = seriesEndMs(recent);
  if (before !== null && endMs - before.comparedMs < comparedEveryBins * recent.clock.binMs) return before;
  const useful = (await lendersNow()).filter(
    ({ model }) =>
      model.family !== lastValueFamily.name &&
      // One for a shorter lead knows too little of what may come after it.
      (model.leadBins === null || model.leadBins >= query.leadBins),
  );
  if (useful.length === 0) return { comparedMs: endMs, borrowed: null };
  const origins = await baselineForecasts(recent, query, context);
  const scored = useful.flatMap(({ category, model }) => {
    const figures = scoreBorrowed(model.model, recent, origins, query, context);
    return figures === null ? [] : [{ id: model.id, lender: category, model, figures }];
  });
  const chosen = chooseBorrowed(scored, before?.borrowed?.model.id ?? null);
  return { comparedMs: endMs, borrowed: scored.find(({ id }) => id === chosen?.id) ?? null };
}

export interface BorrowedFigures {
  /** Loss of the peak's upper quantiles ÷ that of the last value; below 1 the model is better. */
  readonly ratio: number;
  readonly decisions: number;
}

/** Fewest decided forecasts that a model is compared on, and the most that it is replayed through. */
export const fewestDecisions = 30;
const mostDecisions = 180;
/** A model is taken only when clearly better; one in use stays while it is not worse. */
const clearlyBetter = 0.9;

/** Bins between two fits of the baseline: between them it is brought up to date by its forecasts alone. */
const baselineFittedEveryBins = 15;

/** What the last value would have forecast at one origin, and what the peak turned out to be. */
interface ComparedOrigin {
  /** Bins of the history before the decision. */
  readonly index: number;
  readonly peak: readonly number[];
  /** NaN when not decided yet. */
  readonly actual: number;
}

/** The latest origins with the baseline's forecasts: the yardstick of every model that could be borrowed. */
export async function baselineForecasts(
  recent: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
): Promise<ComparedOrigin[]> {
  const { counts, startMs, clock } = recent;
  const window = peakWindow(query.leadBins);
  const origins: ComparedOrigin[] = [];
  let baseline: FittedModel | null = null;
  for (let index = Math.max(1, counts.length - mostDecisions - window.to); index <= counts.length; index++) {
    const endMs = startMs + index * clock.binMs;
    const past = sliceSeries(recent, endMs - baselineBins * clock.binMs, endMs);
    if (measuredBins(past) < lastValueFamily.minimumBins(past)) continue;
    if (baseline === null || origins.length % baselineFittedEveryBins === 0)
      baseline = await lastValueFamily.fit(past, context, { ...query, seed: 1 });
    const actual = actualOf(counts, index, window);
    origins.push({ index, actual, peak: baseline.forecast(past, query, context).peak });
  }
  return origins;
}

/**
 * Replays `model` through the origins as if it had served there and compares pinball losses of the peak at the query's
 * upper probabilities (geometric mean of their ratios). Null with too few decisions.
 */
export function scoreBorrowed(
  model: FittedModel,
  recent: DemandSeries,
  origins: readonly ComparedOrigin[],
  query: ForecastQuery,
  context: ForecastContext,
): BorrowedFigures | null {
  const { startMs, clock } = recent;
  const upper = query.probabilities.flatMap((probability, index) => (probability >= 0.9 ? [index] : []));
  const losses = upper.map(() => ({ model: 0, baseline: 0 }));
  let decisions = 0;
  let demand = 0;
  for (const { index, actual, peak: baseline } of origins) {
    const past = sliceSeries(recent, startMs, startMs + index * clock.binMs);
    const { peak } = model.forecast(past, query, context);
    if (Number.isNaN(actual)) continue;
    decisions++;
    demand += actual;
    upper.forEach((at, row) => {
      const probability = query.probabilities[at]!;
      losses[row]!.model += pinball(actual, peak[at]!, probability);
      losses[row]!.baseline += pinball(actual, baseline[at]!, probability);
    });
  }
  if (decisions < fewestDecisions || upper.length === 0) return null;
  // On a constant series both losses vanish and the ratio is 1.
  const negligible = 1e-6 * (demand + decisions);
  const logs = losses.map((loss) => Math.log((loss.model + negligible) / (loss.baseline + negligible)));
  return { ratio: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length), decisions };
}

export interface ScoredModel {
  readonly id: string;
  readonly figures: BorrowedFigures;
}

/** The model to borrow; null = none is better than the last value. `inUse` is left only for a clearly better one. */
export function chooseBorrowed(scored: readonly ScoredModel[], inUse: string | null): ScoredModel | null {
  const best = scored.reduce<ScoredModel | null>(
    (found, one) => (found === null || one.figures.ratio < found.figures.ratio ? one : found),
    null,
  );
  const current = scored.find(({ id }) => id === inUse) ?? null;
  if (best === null) return null;
  if (current !== null && current.figures.ratio < 1)
    return best.figures.ratio < current.figures.ratio * clearlyBetter ? best : current;
  return best.figures.ratio < clearlyBetter ? best : null;
}
