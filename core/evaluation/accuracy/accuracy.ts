/**
 * A stored forecast and the bins that have come since → how wrong it was, beside the last value; and from many such
 * scores the figures of a category, horizon and model.
 */
import { type DemandSeries, sliceSeries } from '../../demand/series';
import type { Quantiles } from '../../forecasting/model';
import { peakAtRisk } from '../../forecasting/peakQuantile';
import { actualOf, horizonWindow, peakWindow, type TargetWindow } from '../../forecasting/target';
import { baselineForecast } from '../../serving/baseline';
import { pinball } from '../../statistics/scoring';

/** Bins that an outcome is waited for when its last bin is late. */
const lateBins = 2;

/** One target of one forecast: a bin ahead, or the peak over the lead window. */
export interface ForecastTarget {
  readonly forecastId: string;
  readonly modelId: string | null;
  readonly family: string;
  readonly originMs: number;
  /** 0 = the peak over the lead window, otherwise the bins ahead of a single bin. */
  readonly horizonBins: number;
  readonly leadBins: number;
  readonly probabilities: readonly number[];
  /** Requests per bin at each of the probabilities. */
  readonly quantiles: Quantiles;
}

/** Counts and losses in requests per bin. */
export interface ForecastScore {
  readonly forecastId: string;
  readonly modelId: string | null;
  readonly family: string;
  readonly originMs: number;
  /** End of the window that was forecast, ms. */
  readonly dueMs: number;
  /** 0 = the peak over the lead window. */
  readonly horizonBins: number;
  readonly actual: number;
  /** Last measured count before the decision; null when the bin before it is missing. */
  readonly last: number | null;
  readonly median: number;
  /** The quantile at 1 − `risk`. */
  readonly upper: number;
  readonly risk: number;
  /** Mean pinball loss over the forecast's probabilities. */
  readonly loss: number;
  /** Pinball loss of `upper` at 1 − risk. */
  readonly upperLoss: number;
  /** Both losses of the last value × the quantiles of what followed it lately; null without enough bins before. */
  readonly baselineLoss: number | null;
  readonly baselineUpperLoss: number | null;
}

export const windowOf = ({
  horizonBins,
  leadBins,
}: Pick<ForecastTarget, 'horizonBins' | 'leadBins'>): TargetWindow =>
  horizonBins === 0 ? peakWindow(leadBins) : horizonWindow(horizonBins);

/** End of the window that was forecast, ms. */
export const dueMsOf = (
  target: Pick<ForecastTarget, 'originMs' | 'horizonBins' | 'leadBins'>,
  binMs: number,
): number => target.originMs + (windowOf(target).to + 1) * binMs;

/** What a target turned out to be. */
export interface Outcome {
  readonly dueMs: number;
  /** Bins of the series before the decision. */
  readonly index: number;
  readonly actual: number;
  /** The count in the bin before the decision; null when it is missing. */
  readonly last: number | null;
}

/**
 * The score of a target whose window has ended; `series` reaches from `baselineBins` before the decision to now. null
 * where the outcome is not known.
 */
export async function scoreTarget(
  target: ForecastTarget,
  series: DemandSeries,
  risk: number,
): Promise<ForecastScore | null> {
  const outcome = outcomeOf(target, series);
  return outcome === null
    ? null
    : scored(target, outcome, await baselineOf(target, series, outcome.index), risk);
}

/** null where it is not known: half of it was not measured, or its last bin is still to come. */
export function outcomeOf(
  target: Pick<ForecastTarget, 'originMs' | 'horizonBins' | 'leadBins'>,
  { clock, startMs, counts }: DemandSeries,
): Outcome | null {
  const window = windowOf(target);
  const index = Math.round((target.originMs - startMs) / clock.binMs);
  const end = index + window.to;
  if (end >= counts.length || index < 1) return null;
  if (Number.isNaN(counts[end]!) && counts.length - end <= lateBins) return null;
  const actual = actualOf(counts, index, window);
  if (Number.isNaN(actual)) return null;
  const before = counts[index - 1]!;
  return {
    dueMs: dueMsOf(target, clock.binMs),
    index,
    actual,
    last: Number.isNaN(before) ? null : before,
  };
}

/** The baseline's forecast at the same decision, without events; null without enough bins. */
export async function baselineOf(
  target: Pick<ForecastTarget, 'horizonBins' | 'leadBins' | 'probabilities'>,
  series: DemandSeries,
  index: number,
): Promise<Quantiles | null> {
  const { horizonBins, leadBins, probabilities } = target;
  const past = sliceSeries(series, series.startMs, series.startMs + index * series.clock.binMs);
  const asked = { leadBins, probabilities, horizonBins: horizonBins === 0 ? [] : [horizonBins] };
  const forecast = await baselineForecast(past, asked, { events: [] });
  if (forecast === null) return null;
  return horizonBins === 0 ? forecast.peak : forecast.horizons[0]!;
}

/** `baseline`: its quantiles at the target's probabilities, null where there are none. */
export function scored(
  target: ForecastTarget,
  { actual, last, dueMs }: Outcome,
  baseline: Quantiles | null,
  risk: number,
): ForecastScore {
  const { probabilities, quantiles, horizonBins } = target;
  const at = (peak: Quantiles, accepted: number) => peakAtRisk({ probabilities, peak }, accepted);
  const upper = at(quantiles, risk);
  return {
    forecastId: target.forecastId,
    modelId: target.modelId,
    family: target.family,
    originMs: target.originMs,
    dueMs,
    horizonBins,
    actual,
    last,
    median: at(quantiles, 0.5),
    upper,
    risk,
    loss: meanPinball(actual, quantiles, probabilities),
    upperLoss: pinball(actual, upper, 1 - risk),
    baselineLoss: baseline === null ? null : meanPinball(actual, baseline, probabilities),
    baselineUpperLoss: baseline === null ? null : pinball(actual, at(baseline, risk), 1 - risk),
  };
}

function meanPinball(actual: number, quantiles: Quantiles, probabilities: readonly number[]): number {
  const sum = probabilities.reduce(
    (total, probability, index) => total + pinball(actual, quantiles[index]!, probability),
    0,
  );
  return sum / probabilities.length;
}

/** Sums over scores of one model and horizon; what every figure is made of, so that windows can be added up. */
export interface ScoreSums {
  readonly scores: number;
  readonly actual: number;
  readonly median: number;
  /** Σ |actual − median| and Σ |actual − last|, both where the last value is known. */
  readonly error: number;
  readonly lastError: number;
  /** Outcomes at or below the upper quantile, and how many were to be. */
  readonly covered: number;
  readonly toCover: number;
  /** Both where the baseline's is known. */
  readonly loss: number;
  readonly baselineLoss: number;
  readonly upperLoss: number;
  readonly baselineUpperLoss: number;
}

/** Ratios are null where there is nothing to divide by. */
export interface AccuracyFigures {
  readonly scores: number;
  /** Absolute error of the median ÷ that of the last value. */
  readonly relativeError: number | null;
  /** Share of outcomes at or below the upper quantile, and the accepted share. */
  readonly coverage: number | null;
  readonly acceptedCoverage: number | null;
  /** Σ median ÷ Σ actual − 1. */
  readonly bias: number | null;
  /** Mean pinball loss ÷ that of the last value with its recent errors. */
  readonly lossRatio: number | null;
  /** The same of the upper quantile alone. */
  readonly upperLossRatio: number | null;
}

export function sumsOf(scores: readonly ForecastScore[]): ScoreSums {
  const sum = (value: (score: ForecastScore) => number) =>
    scores.reduce((total, score) => total + value(score), 0);
  const paired = (value: (score: ForecastScore) => number) =>
    sum((score) => (score.last === null ? 0 : value(score)));
  const compared = (value: (score: ForecastScore) => number) =>
    sum((score) => (score.baselineLoss === null ? 0 : value(score)));
  return {
    scores: scores.length,
    actual: sum(({ actual }) => actual),
    median: sum(({ median }) => median),
    error: paired(({ actual, median }) => Math.abs(actual - median)),
    lastError: paired(({ actual, last }) => Math.abs(actual - (last ?? 0))),
    covered: sum(({ actual, upper }) => (actual <= upper ? 1 : 0)),
    toCover: sum(({ risk }) => 1 - risk),
    loss: compared(({ loss }) => loss),
    baselineLoss: compared(({ baselineLoss }) => baselineLoss ?? 0),
    upperLoss: compared(({ upperLoss }) => upperLoss),
    baselineUpperLoss: compared(({ baselineUpperLoss }) => baselineUpperLoss ?? 0),
  };
}

export function addSums(parts: readonly ScoreSums[]): ScoreSums {
  return parts.reduce((total, part) => {
    const added = Object.entries(total).map(([key, value]) => [key, value + part[key as keyof ScoreSums]]);
    return Object.fromEntries(added) as unknown as ScoreSums;
  }, sumsOf([]));
}

export function figuresOf(sums: ScoreSums): AccuracyFigures {
  const ratio = (above: number, below: number) => (below > 0 ? above / below : null);
  const medianRatio = ratio(sums.median, sums.actual);
  return {
    scores: sums.scores,
    relativeError: ratio(sums.error, sums.lastError),
    coverage: ratio(sums.covered, sums.scores),
    acceptedCoverage: ratio(sums.toCover, sums.scores),
    bias: medianRatio === null ? null : medianRatio - 1,
    lossRatio: ratio(sums.loss, sums.baselineLoss),
    upperLossRatio: ratio(sums.upperLoss, sums.baselineUpperLoss),
  };
}
