/**
 * A linear model of the log-ratio on the features of a decision, by recursive least squares with forgetting (Haykin,
 * "Adaptive Filter Theory", ch. 10): it learns from every outcome, so it always follows. A second set of weights on the
 * same gain follows the size of its errors, which is the unit that calibration works in. What events add is learned and
 * doubted apart (eventEffects.ts).
 */
import { binsPerDay } from '../../../demand/clock';
import { PamError } from '../../../errors';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { fitRehearsed } from '../../calibration/rehearse';
import { decodeDoubles, encodeDoubles } from '../../encoding';
import type { Estimate } from '../../estimate';
import type { DemandView } from '../../features/demandView';
import {
  type EventEffects,
  expectedLift,
  learnEffects,
  readEffects,
  writeEffects,
} from '../../features/eventEffects';
import { eventFeatureNames } from '../../features/eventTimeline';
import { featureCount, featureNames, writeFeatures } from '../../features/features';
import type { FitOptions, Json, ModelFamily } from '../../model';
import { horizonWindow, peakWindow, type TargetWindow } from '../../target';

const family = 'online-linear';
const version = 2;
const keep = 0.4;
/** Memory, in days of the clock, after which an outcome counts 1/e. */
const memoryDays = 14;
const ridge = 1;
const mostRows = 12_000;
const size = featureCount + 1;
/** The features of events are the last ones; a constant comes before all. */
const firstEventColumn = 1 + featureNames.indexOf(eventFeatureNames[0]);

export const onlineLinearFamily: ModelFamily = {
  name: family,
  minimumBins: ({ clock }) => Math.max(120, Math.min(360, Math.ceil(binsPerDay(clock) / 4))),
  fit: (history, context, options) =>
    fitRehearsed(
      {
        family,
        version,
        keep,
        minimumBins: onlineLinearFamily.minimumBins(history),
        makePredictor: (view, fitOptions) => fitPredictor(view, fitOptions),
      },
      history,
      context,
      options,
    ),
  load: (state) =>
    CalibratedModel.load(state, family, version, (predictor) => LinearPredictor.load(predictor)),
};

/** What one window has learned. */
class RecursiveWeights {
  constructor(
    readonly window: TargetWindow,
    readonly inverse: Float64Array,
    readonly weights: Float64Array,
    readonly errorWeights: Float64Array,
    /** Mean absolute error, slow: the floor of the spread is a part of it. */
    public usualError: number,
  ) {}

  static untaught(window: TargetWindow): RecursiveWeights {
    const inverse = new Float64Array(size * size);
    for (let index = 0; index < size; index++) inverse[index * size + index] = 1 / ridge;
    return new RecursiveWeights(window, inverse, new Float64Array(size), new Float64Array(size), 0.1);
  }

  predict(inputs: Float64Array): number {
    return dot(this.weights, inputs);
  }

  spread(inputs: Float64Array): number {
    return Math.min(4 * this.usualError, Math.max(this.usualError / 3, dot(this.errorWeights, inputs)));
  }

  learn(inputs: Float64Array, outcome: number, forget: number): void {
    const gain = new Float64Array(size);
    let power = 0;
    for (let row = 0; row < size; row++) {
      let sum = 0;
      for (let column = 0; column < size; column++)
        sum += this.inverse[row * size + column]! * inputs[column]!;
      gain[row] = sum;
      power += sum * inputs[row]!;
    }
    const divisor = forget + power;
    const error = outcome - this.predict(inputs);
    // One outlier moves the weights no further than an error of four times the usual would.
    const clipped = Math.min(Math.max(error, -4 * this.usualError), 4 * this.usualError);
    const sizeError = Math.min(Math.abs(error), 4 * this.usualError) - dot(this.errorWeights, inputs);
    for (let row = 0; row < size; row++) {
      const step = gain[row]! / divisor;
      this.weights[row]! += step * clipped;
      this.errorWeights[row]! += step * sizeError;
    }
    // Without this bound, inputs that carry nothing for a while let the inverse grow without limit under forgetting.
    let trace = 0;
    for (let row = 0; row < size; row++) trace += this.inverse[row * size + row]!;
    const growth = trace < size / ridge ? forget : 1;
    for (let row = 0; row < size; row++)
      for (let column = 0; column <= row; column++) {
        const value = (this.inverse[row * size + column]! - (gain[row]! * gain[column]!) / divisor) / growth;
        this.inverse[row * size + column] = value;
        this.inverse[column * size + row] = value;
      }
    this.usualError = Math.max(
      1e-3,
      this.usualError + 0.005 * (Math.min(Math.abs(error), 5 * this.usualError) - this.usualError),
    );
  }
}

class LinearPredictor implements Predictor {
  private readonly inputs = new Float64Array(size);

  constructor(
    private readonly targets: readonly RecursiveWeights[],
    private readonly forget: number,
    private readonly effects: EventEffects,
  ) {}

  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[] {
    return windows.map((window) => {
      const target = this.targetFor(window);
      this.readInputs(view, view.length, window, level);
      const spread = target.spread(this.inputs);
      return {
        center: level + target.predict(this.inputs) + expectedLift(view, view.length, window, this.effects),
        spread,
        tail: Math.sqrt(spread * target.usualError),
      };
    });
  }

  learn(view: DemandView, index: number, window: TargetWindow, log: number): void {
    const target = this.targets.find(
      (known) => known.window.from === window.from && known.window.to === window.to,
    );
    const level = view.level(index, keep);
    if (target === undefined || Number.isNaN(level)) return;
    this.readInputs(view, index, window, level);
    const lift = expectedLift(view, index, window, this.effects);
    target.learn(this.inputs, log - level - lift, this.forget);
  }

  serialize(): Json {
    return {
      forget: this.forget,
      effects: writeEffects(this.effects),
      targets: this.targets.map(({ window, inverse, weights, errorWeights, usualError }) => ({
        from: window.from,
        to: window.to,
        inverse: encodeDoubles(inverse),
        weights: encodeDoubles(weights),
        errorWeights: encodeDoubles(errorWeights),
        usualError,
      })),
    };
  }

  static load(state: Json | undefined): LinearPredictor {
    const { forget, effects, targets } = (state ?? {}) as { [key: string]: Json };
    if (typeof forget !== 'number' || !Array.isArray(targets) || targets.length === 0)
      throw new PamError('INVALID_DATA', `model state of family "${family}" lacks its weights; train again`);
    const weights = targets.map((target) => {
      const {
        from,
        to,
        inverse,
        weights: linear,
        errorWeights,
        usualError,
      } = (target ?? {}) as { [key: string]: Json };
      return new RecursiveWeights(
        { from: Number(from), to: Number(to) },
        decodeDoubles(inverse, size * size, 'inverse'),
        decodeDoubles(linear, size, 'weights'),
        decodeDoubles(errorWeights, size, 'error weights'),
        Number(usualError),
      );
    });
    return new LinearPredictor(weights, forget, readEffects(effects));
  }

  /**
   * A constant and the features, unknown ones as 0, all within ±5 so that no input dominates. The features of events are 0: the
   * first outcomes of an unknown event would move weights that nothing else constrains.
   */
  private readInputs(view: DemandView, index: number, window: TargetWindow, level: number): void {
    const { inputs } = this;
    writeFeatures(view, index, window, level, inputs.subarray(1));
    inputs[0] = 1;
    for (let column = 1; column < size; column++) {
      const value = inputs[column]!;
      const ofEvent = column >= firstEventColumn;
      inputs[column] = ofEvent || Number.isNaN(value) ? 0 : Math.min(5, Math.max(-5, value));
    }
  }

  private targetFor(window: TargetWindow): RecursiveWeights {
    const single = window.from === window.to;
    let best = this.targets[0]!;
    let nearest = Number.POSITIVE_INFINITY;
    for (const target of this.targets) {
      const kind = (target.window.from === target.window.to) === single ? 0 : 1e6;
      const away = kind + Math.abs(target.window.to - window.to);
      if (away < nearest) {
        nearest = away;
        best = target;
      }
    }
    return best;
  }
}

function fitPredictor(view: DemandView, options: FitOptions): LinearPredictor {
  const windows = [peakWindow(options.leadBins), ...options.horizonBins.map(horizonWindow)];
  const days = options.parameters?.memoryDays ?? memoryDays;
  const forget = 1 - 1 / Math.max(200, days * binsPerDay(view.series.clock));
  const predictor = new LinearPredictor(
    windows.map(RecursiveWeights.untaught),
    forget,
    learnEffects(view, options.leadBins + 1),
  );
  const first = Math.max(2, view.length - mostRows);
  for (const window of windows)
    for (let index = first; index + window.to < view.length; index++) {
      const outcome = view.outcome(index, window);
      if (!Number.isNaN(outcome)) predictor.learn(view, index, window, outcome);
    }
  return predictor;
}

function dot(weights: Float64Array, inputs: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index++) sum += weights[index]! * inputs[index]!;
  return sum;
}
