/**
 * Direct quantile boosting of the lead-window peak: trees for the median and the upper quantile of its log-ratio to the
 * present level, calibrated online. Horizons: boosted medians with the peak's spread as the unit of their errors.
 */
import { binsPerDay } from '../../../demand/clock';
import { type DemandSeries, measuredBins } from '../../../demand/series';
import { PamError } from '../../../errors';
import { quantileOf } from '../../../statistics/orderStatistics';
import { seededRandom } from '../../../statistics/random';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { usualCalibration } from '../../calibration/scoreCalibration';
import { bounded, type Estimate, scoreOf } from '../../estimate';
import { DemandView, logOffset } from '../../features/demandView';
import {
  type EventEffects,
  expectedLift,
  learnEffects,
  readEffects,
  writeEffects,
} from '../../features/eventEffects';
import { EventTimeline, kindsOf } from '../../features/eventTimeline';
import { featureCount, featureReach, writeFeatures } from '../../features/features';
import { bestKeep } from '../../features/presentLevel';
import type { FitOptions, ForecastContext, Json, ModelFamily } from '../../model';
import { horizonWindow, peakWindow, type TargetWindow } from '../../target';
import { type BoostingOptions, fitQuantileTrees } from './boosting';
import { type BinnedMatrix, binMatrix } from './boostingBins';
import { QuantileTrees } from './quantileTrees';

const family = 'boosted';
const version = 1;

/** One configuration for every category; chosen on real traces, see docs/forecasting.md. */
export const boostedConfiguration = {
  upper: 0.95,
  tailShare: 0.3,
  mostRows: 16_000,
  halfLifeDays: 10,
  holdoutShare: 0.3,
  trees: 110,
  depth: 5,
  learningRate: 0.08,
  rowShare: 0.6,
  featureShare: 0.5,
  leafShare: 1 / 250,
  fewestLeafRows: 15,
  shrinkRows: 5,
  calibration: usualCalibration,
};

/** The settings of `boostedConfiguration` that a fit may change. */
interface TreeSettings {
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
}

/** The settings with the changes that `parameters` names. */
function treeSettings({ parameters }: FitOptions): TreeSettings {
  const { trees, depth, learningRate } = boostedConfiguration;
  return {
    trees: parameters?.trees ?? trees,
    depth: parameters?.depth ?? depth,
    learningRate: parameters?.learningRate ?? learningRate,
  };
}

export const boostedFamily: ModelFamily = {
  name: family,
  minimumBins: (series) => Math.max(300, Math.ceil(binsPerDay(series.clock) / 2)),
  fit: async (history, context, options) => fitBoosted(history, context, options),
  load: (state) =>
    CalibratedModel.load(state, family, version, (predictor, { kinds: _ }) =>
      BoostedPredictor.load(predictor),
    ),
};

interface TargetTrees {
  readonly window: TargetWindow;
  readonly median: QuantileTrees;
  /** Only for the peak. */
  readonly upper: QuantileTrees | null;
}

class BoostedPredictor implements Predictor {
  private readonly row = new Float64Array(featureCount);

  /** The peak comes first in `targets`. */
  constructor(
    private readonly targets: readonly TargetTrees[],
    private readonly effects: EventEffects,
    private readonly usualSpread: number,
  ) {}

  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[] {
    const peak = this.targets[0]!;
    let spread = Number.NaN;
    return windows.map((window) => {
      const trees = this.treesFor(window);
      writeFeatures(view, view.length, window, level, this.row);
      const median = trees.median.predict(this.row);
      if (Number.isNaN(spread)) spread = peak.upper!.predict(this.row) - peak.median.predict(this.row);
      return {
        center: level + median + expectedLift(view, view.length, window, this.effects),
        spread,
        tail: tailOf(spread, this.usualSpread),
      };
    });
  }

  serialize(): Json {
    return {
      effects: writeEffects(this.effects),
      usualSpread: this.usualSpread,
      targets: this.targets.map(({ window, median, upper }) => ({
        from: window.from,
        to: window.to,
        median: median.serialize(),
        upper: upper?.serialize() ?? null,
      })),
    };
  }

  static load(state: Json | undefined): BoostedPredictor {
    if (state === null || typeof state !== 'object' || Array.isArray(state) || !Array.isArray(state.targets))
      throw new PamError('INVALID_DATA', 'model state of family "boosted" lacks its trees; train again');
    const targets = state.targets.map((target, index): TargetTrees => {
      if (target === null || typeof target !== 'object' || Array.isArray(target))
        throw new PamError(
          'INVALID_DATA',
          `model state of family "boosted": target ${index} should be an object`,
        );
      return {
        window: { from: Number(target.from), to: Number(target.to) },
        median: QuantileTrees.load(target.median, featureCount),
        upper: index === 0 ? QuantileTrees.load(target.upper, featureCount) : null,
      };
    });
    if (targets.length === 0)
      throw new PamError('INVALID_DATA', 'model state of family "boosted" has no targets');
    return new BoostedPredictor(targets, readEffects(state.effects ?? {}), Number(state.usualSpread));
  }

  private treesFor(window: TargetWindow): TargetTrees {
    if (window.from !== window.to || this.targets.length === 1) return this.targets[0]!;
    let nearest = this.targets[1]!;
    for (const trees of this.targets.slice(2))
      if (Math.abs(trees.window.to - window.to) < Math.abs(nearest.window.to - window.to)) nearest = trees;
    return nearest;
  }
}

/** Decisions of the past and what followed, for one window. */
interface Examples {
  readonly window: TargetWindow;
  readonly matrix: BinnedMatrix;
  /** Log-ratio of the outcome to the level; NaN where it is not known. */
  readonly targets: Float64Array;
  readonly values: Float64Array;
}

function fitBoosted(history: DemandSeries, context: ForecastContext, options: FitOptions): CalibratedModel {
  const measured = measuredBins(history);
  const fewest = boostedFamily.minimumBins(history);
  if (measured < fewest)
    throw new PamError(
      'INVALID_DATA',
      `"${family}" needs at least ${fewest} measured bins, the history has ${measured}`,
    );
  const configuration = boostedConfiguration;
  const { clock, counts } = history;
  const kinds = kindsOf(context.events);
  const view = new DemandView(
    history,
    logOffset(counts),
    new EventTimeline(context.events, clock.dayMs, kinds),
  );
  const effects = learnEffects(view, options.leadBins + 1);
  const keep = bestKeep(view);
  const origins = originsOf(view, options);
  const levels = Float64Array.from(origins, (index) => view.level(index, keep));
  const windows = [peakWindow(options.leadBins), ...options.horizonBins.map(horizonWindow)];
  const examples = windows.map((window) => examplesOf(view, origins, levels, window, effects));

  // Errors come from the last part, predicted by trees that have not seen it. Then trees learn from all of it.
  const reach = Math.max(options.leadBins, ...options.horizonBins);
  const cut = Math.floor(origins.length * (1 - configuration.holdoutShare));
  const cutIndex = origins[cut]!;
  const early = Array.from(origins.keys()).filter((row) => origins[row]! + reach < cutIndex);
  const { usualSpread, scores } = scoreHeldOut(examples, early, cut, levels, options);
  const all = Array.from(origins.keys());
  const targets = examples.map((example, index) => treesOf(example, all, index === 0, options));
  return new CalibratedModel(
    {
      family,
      version,
      offset: view.offset,
      keep,
      lastLevel: view.level(counts.length, keep),
      fittedBins: counts.length,
      highest: view.max(0, counts.length),
      contextBins: featureReach(binsPerDay(clock)),
      kinds,
      calibration: configuration.calibration,
    },
    new BoostedPredictor(targets, effects, usualSpread),
    scores,
  );
}

/**
 * Bins before which a decision is learned from, ascending: those with a level, a seeded sample when there are many, in
 * which the chance of a bin halves every `halfLifeDays`.
 */
function originsOf(view: DemandView, { seed }: FitOptions): Int32Array {
  const usable: number[] = [];
  for (let index = 2; index < view.length; index++) if (!Number.isNaN(view.at(index - 1))) usable.push(index);
  const { mostRows, halfLifeDays } = boostedConfiguration;
  if (usable.length <= mostRows) return Int32Array.from(usable);
  const halfLife = halfLifeDays * binsPerDay(view.series.clock);
  const weights = usable.map((index) => 0.5 ** ((view.length - index) / halfLife));
  // A chance is at most one; what exceeds it goes to the older bins.
  let scale = 0;
  let left = mostRows;
  let open = weights.reduce((sum, weight) => sum + weight, 0);
  for (let at = weights.length - 1; at >= 0; at--) {
    scale = left / open;
    if (weights[at]! * scale <= 1) break;
    left--;
    open -= weights[at]!;
  }
  const random = seededRandom(seed);
  return Int32Array.from(usable.filter((_, at) => random() < weights[at]! * scale));
}

function examplesOf(
  view: DemandView,
  origins: Int32Array,
  levels: Float64Array,
  window: TargetWindow,
  effects: EventEffects,
): Examples {
  const values = new Float64Array(origins.length * featureCount);
  const targets = new Float64Array(origins.length);
  origins.forEach((index, row) => {
    const level = levels[row]!;
    writeFeatures(view, index, window, level, values.subarray(row * featureCount, (row + 1) * featureCount));
    targets[row] = view.outcome(index, window) - level - expectedLift(view, index, window, effects);
  });
  return { window, values, targets, matrix: binMatrix(values, origins.length, featureCount) };
}

function treesOf(
  { window, matrix, targets }: Examples,
  rows: readonly number[],
  isPeak: boolean,
  fitOptions: FitOptions,
): TargetTrees {
  const known = Int32Array.from(rows.filter((row) => !Number.isNaN(targets[row]!)));
  const { leafShare, fewestLeafRows, upper, ...rest } = boostedConfiguration;
  const { seed } = fitOptions;
  const options: Omit<BoostingOptions, 'probability'> = {
    ...rest,
    ...treeSettings(fitOptions),
    leafRows: Math.max(fewestLeafRows, Math.ceil(known.length * rest.rowShare * leafShare)),
    seed,
  };
  return {
    window,
    median: fitQuantileTrees(matrix, targets, known, { ...options, probability: 0.5 }),
    upper: isPeak
      ? fitQuantileTrees(matrix, targets, known, { ...options, probability: upper, seed: seed + 1 })
      : null,
  };
}

/** A mean of the unit of this hour and that of all hours, since the size of a jump does not depend on the hour. */
function tailOf(spread: number, usualSpread: number): number {
  const share = boostedConfiguration.tailShare;
  return Math.max(spread, 1e-3) ** share * usualSpread ** (1 - share);
}

function scoreHeldOut(
  examples: readonly Examples[],
  early: readonly number[],
  cut: number,
  levels: Float64Array,
  options: FitOptions,
): { usualSpread: number; scores: { window: TargetWindow; scores: number[] }[] } {
  const peak = examples[0]!;
  const trees = examples.map((example, index) => treesOf(example, early, index === 0, options));
  const rowOf = (values: Float64Array, row: number) =>
    values.subarray(row * featureCount, (row + 1) * featureCount);
  const spreads = Float64Array.from({ length: levels.length - cut }, (_, late) => {
    const row = rowOf(peak.values, cut + late);
    return trees[0]!.upper!.predict(row) - trees[0]!.median.predict(row);
  });
  const usualSpread = Math.max(0.003, quantileOf(spreads, 0.5));
  const scores = examples.map(({ window, values, targets }, index) => {
    const found: number[] = [];
    for (let row = cut; row < levels.length; row++) {
      if (Number.isNaN(targets[row]!)) continue;
      const center = trees[index]!.median.predict(rowOf(values, row));
      const spread = spreads[row - cut]!;
      found.push(scoreOf(bounded({ center, spread, tail: tailOf(spread, usualSpread) }, 0), targets[row]!));
    }
    return { window, scores: found };
  });
  return { usualSpread, scores };
}
