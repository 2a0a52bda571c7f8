/** Forecasts and what happened → how good they were: losses, coverage, and the figures of a held-out part. */
import { type DemandSeries, sliceSeries } from '../demand/series';
import { PamError } from '../errors';
import type { FitOptions, FittedModel, ForecastContext } from './model';
import { actualOf, peakWindow } from './target';

/** Pinball loss of quantile forecast `quantile` at `probability` (Koenker and Bassett 1978); in the unit of demand. */
export function pinball(actual: number, quantile: number, probability: number): number {
  const miss = actual - quantile;
  return miss > 0 ? probability * miss : (probability - 1) * miss;
}

/** Share of outcomes at or below their quantile; NaN without any. */
export function coverage(actuals: ArrayLike<number>, quantiles: ArrayLike<number>): number {
  let covered = 0;
  for (let index = 0; index < actuals.length; index++) if (actuals[index]! <= quantiles[index]!) covered++;
  return covered / actuals.length;
}

export interface HoldoutFigures {
  /** Pinball loss of the lead-window peak at 1 − risk ÷ that of the last value with its best constant factor. */
  readonly peakLossRatio: number;
  /** Share of decisions whose peak was above the quantile at 1 − risk. */
  readonly realizedRisk: number;
  readonly decisions: number;
}

export interface Holdout {
  readonly model: FittedModel;
  readonly history: DemandSeries;
  /** The last bins of `history`, which `model` was not fitted on. */
  readonly holdoutBins: number;
  readonly context: ForecastContext;
  readonly options: FitOptions;
  readonly risk: number;
}

/**
 * Leads the model through the held-out bins as production would, one decision a bin, and scores its peak quantile.
 * Null where no decision could be judged.
 */
export function holdoutFigures(holdout: Holdout): HoldoutFigures | null {
  const { model, history, holdoutBins, context, options, risk } = holdout;
  if (holdoutBins < 1 || holdoutBins >= history.counts.length)
    throw new PamError(
      'INVALID_INPUT',
      `expected 1 to ${history.counts.length - 1} held-out bins, found ${holdoutBins}`,
    );
  const probability = 1 - risk;
  const query = {
    horizonBins: options.horizonBins,
    leadBins: options.leadBins,
    probabilities: [probability],
  };
  const window = peakWindow(options.leadBins);
  const { binMs } = history.clock;
  const actuals: number[] = [];
  const predicted: number[] = [];
  const lasts: number[] = [];
  let last = Number.NaN;
  for (let index = 0; index < history.counts.length; index++) {
    if (index >= history.counts.length - holdoutBins) {
      const originMs = history.startMs + index * binMs;
      const recent = sliceSeries(history, originMs - model.contextBins * binMs, originMs);
      const upper = model.forecast(recent, query, context).peak[0]!;
      const actual = actualOf(history.counts, index, window);
      if (!Number.isNaN(actual) && !Number.isNaN(last)) {
        actuals.push(actual);
        predicted.push(upper);
        lasts.push(last);
      }
    }
    const count = history.counts[index]!;
    if (!Number.isNaN(count)) last = count;
  }
  if (actuals.length === 0) return null;
  const factor = bestFactor(actuals, lasts, probability);
  const loss = actuals.reduce(
    (sum, actual, index) => sum + pinball(actual, predicted[index]!, probability),
    0,
  );
  const rival = actuals.reduce(
    (sum, actual, index) => sum + pinball(actual, factor * lasts[index]!, probability),
    0,
  );
  // On a constant series both losses are zero and the ratio is 1.
  const negligible = 1e-6 * actuals.reduce((sum, actual) => sum + actual, actuals.length);
  return {
    peakLossRatio: (loss + negligible) / (rival + negligible),
    realizedRisk: 1 - coverage(actuals, predicted),
    decisions: actuals.length,
  };
}

/**
 * The factor f that minimizes Σ pinball(actual, f · last): the quantile of actual ÷ last, each weighted with its last
 * value. 0 where every last value is 0.
 */
export function bestFactor(
  actuals: readonly number[],
  lasts: readonly number[],
  probability: number,
): number {
  const ratios = actuals
    .map((actual, index) => ({ ratio: actual / lasts[index]!, weight: lasts[index]! }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.ratio - b.ratio);
  const wanted = probability * ratios.reduce((sum, { weight }) => sum + weight, 0);
  let below = 0;
  for (const { ratio, weight } of ratios) {
    below += weight;
    if (below >= wanted) return ratio;
  }
  return ratios.at(-1)?.ratio ?? 0;
}
