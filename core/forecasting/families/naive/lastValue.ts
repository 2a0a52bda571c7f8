/**
 * The baseline: the last measured bin times the quantiles of what the target turned out to be, relative to the last value,
 * over the recent bins. Needs no season and no training, so it serves a category in its first minutes. Of events it
 * knows what is stated: it learns no effects.
 */
import { type DemandSeries, measuredBins, measuredTotal, seriesEndMs } from '../../../demand/series';
import { PamError } from '../../../errors';
import { predictiveQuantile } from '../../../statistics/orderStatistics';
import { pinball } from '../../../statistics/scoring';
import { stateObject } from '../../encoding';
import { DemandView, logOffset } from '../../features/demandView';
import { type EventEffects, expectedLift } from '../../features/eventEffects';
import type {
  FittedModel,
  Forecast,
  ForecastContext,
  ForecastQuery,
  Json,
  ModelFamily,
  Quantiles,
} from '../../model';
import { actualOf, horizonWindow, peakWindow, type TargetWindow } from '../../target';

const family = 'last-value';
const version = 1;
const minimumBins = 3;
const contextBins = 720;
/** A gap longer than this many bins no longer widens the quantiles. */
const widestGap = 60;
/** Number of recent residuals that count as much as the stored ones of the fit. */
const equalWeightAt = 60;
const storedProbabilities = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.97, 0.99, 0.995, 0.999];
/**
 * The assumed residuals before any were measured: Laplace-distributed around a slight rise, so that the quantile at 0.9 is
 * a quarter above the last value, as with a reactive rule at its usual target of 0.8.
 */
const prior = { rise: 0.06, scale: 0.1, worth: 15 };
/** Offsets that are tried, as multiples of the mean: the larger, the more the errors are additive. */
const offsetChoices = [0.02, 0.2, 1, 5];
/** Probabilities at which the offset must serve. */
const comparedAt = [0.9, 0.99];
/** How far above the highest of the recent bins a quantile may go, in logs; the less was seen, the further. */
const marginAbove = (measured: number): number => 0.1 + Math.min(0.6, 60 / measured);

const nothingLearned: EventEffects = new Map();

interface State {
  readonly offset: number;
  /** Log of the last measured count of the fit, for a `recent` without any measured bin. */
  readonly lastLog: number;
  /** Residual quantiles of the peak over the fitted lead at `storedProbabilities`. */
  readonly residuals: readonly number[];
}

export const lastValueFamily: ModelFamily = {
  name: family,
  minimumBins: () => minimumBins,
  async fit(history, _context, { leadBins }) {
    const measured = measuredBins(history);
    if (measured < minimumBins)
      throw new PamError(
        'INVALID_DATA',
        `"${family}" needs at least ${minimumBins} measured bins, the history has ${measured}`,
      );
    const { counts } = history;
    const offset = bestOffset(counts, peakWindow(leadBins));
    const sorted = residualsOf(counts, offset, peakWindow(leadBins), 0);
    return new LastValueModel({
      offset,
      lastLog: Math.log(lastMeasured(counts)!.count + offset),
      residuals: storedProbabilities.map((probability) => shrunkQuantile(sorted, probability)),
    });
  },
  load(state) {
    const { offset, lastLog, residuals } = stateObject(state, family, version);
    if (typeof offset !== 'number' || typeof lastLog !== 'number' || !Array.isArray(residuals))
      throw new PamError(
        'INVALID_DATA',
        `model state of family "${family}" lacks offset, lastLog or residuals`,
      );
    return new LastValueModel({ offset, lastLog, residuals: residuals.map(Number) });
  },
};

class LastValueModel implements FittedModel {
  readonly family = family;
  readonly contextBins = contextBins;

  constructor(private readonly state: State) {}

  forecast(recent: DemandSeries, query: ForecastQuery, { events }: ForecastContext): Forecast {
    const { counts } = recent;
    const last = lastMeasured(counts);
    const stale = last === null ? widestGap : Math.min(widestGap, counts.length - 1 - last.index);
    const level = last === null ? this.state.lastLog : Math.log(last.count + this.state.offset);
    const ceiling = this.ceiling(counts, level);
    const stated = events.filter(({ expectedUplift }) => expectedUplift !== undefined);
    const view = new DemandView(recent, logOffset(counts), stated);
    const quantiles = (window: TargetWindow) => {
      const lift = Math.exp(expectedLift(view, counts.length, window, nothingLearned));
      return this.quantiles(counts, window, stale, level, ceiling, query.probabilities).map(
        (count) => count * lift,
      );
    };
    return {
      originMs: seriesEndMs(recent),
      horizons: query.horizonBins.map((horizon) => quantiles(horizonWindow(horizon))),
      peak: quantiles(peakWindow(query.leadBins)),
    };
  }

  serialize(): Json {
    return { family, version, ...this.state, residuals: [...this.state.residuals] };
  }

  /** Log of the highest count worth preparing for. */
  private ceiling(counts: Float64Array, level: number): number {
    let highest = 0;
    let measured = 0;
    for (const count of counts) {
      if (Number.isNaN(count)) continue;
      measured++;
      if (count > highest) highest = count;
    }
    return Math.max(level, Math.log(highest + this.state.offset)) + marginAbove(Math.max(1, measured));
  }

  private quantiles(
    counts: Float64Array,
    window: TargetWindow,
    stale: number,
    level: number,
    ceiling: number,
    probabilities: readonly number[],
  ): Quantiles {
    const { offset } = this.state;
    const sorted = residualsOf(counts, offset, window, stale);
    const trust = sorted.length / (sorted.length + equalWeightAt);
    let floor = 0;
    return probabilities.map((probability) => {
      const stored = interpolate(storedProbabilities, this.state.residuals, probability);
      const recent = sorted.length === 0 ? stored : shrunkQuantile(sorted, probability);
      const log = Math.min(level + trust * recent + (1 - trust) * stored, ceiling);
      floor = Math.max(floor, Math.exp(log) - offset);
      return floor;
    });
  }
}

/**
 * Quantile of the residuals mixed with the prior, which counts as much as `prior.worth` residuals, since a few bins say
 * little about a tail.
 */
function shrunkQuantile(sorted: Float64Array, probability: number): number {
  const { rise, scale, worth } = prior;
  const assumed =
    probability < 0.5
      ? rise + scale * Math.log(2 * probability)
      : rise - scale * Math.log(2 * (1 - probability));
  if (sorted.length === 0) return assumed;
  const trust = sorted.length / (sorted.length + worth);
  return trust * predictiveQuantile(sorted, probability) + (1 - trust) * assumed;
}

/**
 * The offset whose residual quantiles lose least in the unit of demand: with a small one an error is a factor, which
 * sparse or spiky demand turns into absurd sums; with a large one it is a number of requests.
 */
function bestOffset(counts: Float64Array, window: TargetWindow): number {
  const { requests, bins } = measuredTotal(counts);
  const mean = bins === 0 ? 0 : requests / bins;
  let best = logOffset(counts);
  let least = Number.POSITIVE_INFINITY;
  for (const choice of offsetChoices) {
    const offset = Math.max(1, choice * mean);
    const sorted = residualsOf(counts, offset, window, 0);
    if (sorted.length === 0) return best;
    const factors = comparedAt.map((probability) => Math.exp(predictiveQuantile(sorted, probability)));
    let loss = 0;
    for (let index = 1; index + window.to < counts.length; index++) {
      const last = counts[index - 1]!;
      const actual = actualOf(counts, index, window);
      if (Number.isNaN(last) || Number.isNaN(actual)) continue;
      comparedAt.forEach((probability, at) => {
        // Weighted so that both tails count alike.
        loss += pinball(actual, (last + offset) * factors[at]! - offset, probability) / (1 - probability);
      });
    }
    if (loss < least) {
      least = loss;
      best = offset;
    }
  }
  return best;
}

function lastMeasured(counts: Float64Array): { index: number; count: number } | null {
  for (let index = counts.length - 1; index >= 0; index--) {
    const count = counts[index]!;
    if (!Number.isNaN(count)) return { index, count };
  }
  return null;
}

/** log((target + c) ÷ (last value + c)) of every decided origin, `stale` bins after the last value; ascending. */
function residualsOf(
  counts: Float64Array,
  offset: number,
  window: TargetWindow,
  stale: number,
): Float64Array {
  const shifted = { from: window.from + stale, to: window.to + stale };
  const residuals = new Float64Array(counts.length);
  let found = 0;
  for (let index = 1; index + shifted.to < counts.length; index++) {
    const last = counts[index - 1]!;
    if (Number.isNaN(last)) continue;
    const actual = actualOf(counts, index, shifted);
    if (!Number.isNaN(actual)) residuals[found++] = Math.log((actual + offset) / (last + offset));
  }
  return residuals.subarray(0, found).sort();
}

/** Linear between points, constant outside; `at` ascending. */
function interpolate(at: readonly number[], values: readonly number[], wanted: number): number {
  if (wanted <= at[0]!) return values[0]!;
  for (let index = 1; index < at.length; index++) {
    if (wanted <= at[index]!) {
      const share = (wanted - at[index - 1]!) / (at[index]! - at[index - 1]!);
      return values[index - 1]! + share * (values[index]! - values[index - 1]!);
    }
  }
  return values.at(-1)!;
}
