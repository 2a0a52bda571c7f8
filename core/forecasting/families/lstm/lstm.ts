/**
 * A recurrent network with quantile heads for the lead-window peak and the horizons, trained with the pinball loss.
 * Training is injected, since it needs TensorFlow; what is trained is plain data, served by lstmNetwork.ts.
 */
import { binsPerDay } from '../../../demand/clock';
import { PamError } from '../../../errors';
import { quantileOf } from '../../../statistics/orderStatistics';
import { seededRandom } from '../../../statistics/random';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { fitRehearsed } from '../../calibration/rehearse';
import type { Estimate } from '../../estimate';
import { DemandView, logOffset } from '../../features/demandView';
import {
  type EventEffects,
  expectedLift,
  learnEffects,
  readEffects,
  writeEffects,
} from '../../features/eventEffects';
import { featureCount, writeFeatures } from '../../features/features';
import { bestKeep } from '../../features/presentLevel';
import type { FitOptions, Json, ModelFamily } from '../../model';
import { horizonWindow, peakWindow, type TargetWindow } from '../../target';
import {
  InputScale,
  sequenceSize,
  sequenceSteps,
  staticCount,
  stepInputs,
  writeSequence,
} from './lstmInputs';
import { initialWeights, LstmNetwork, type NetworkShape, type NetworkWeights } from './lstmNetwork';

const family = 'lstm';
const version = 2;

/** One configuration for every category; chosen on real traces, see docs/forecasting.md. */
export const lstmConfiguration = {
  units: 24,
  hidden: 40,
  probabilities: [0.5, 0.95, 0.99],
  mostRows: 14_000,
  batchRows: 512,
  /** Steps of the optimizer from random weights, and from weights that know all but the latest part. */
  batches: 150,
  furtherBatches: 50,
  learningRate: 0.006,
  tailShare: 0.3,
};

/** With fewer decisions there is too little to learn weights from. */
const fewestRows = 100;

/** Examples to learn from: `rows` decisions, each with `windows` targets. */
export interface NetworkJob {
  readonly shape: NetworkShape;
  readonly initial: NetworkWeights;
  readonly rows: number;
  readonly windows: number;
  /** rows × steps × stepInputs. */
  readonly sequences: Float32Array;
  /** rows × windows × statics. */
  readonly statics: Float32Array;
  /** rows × windows; NaN where it is not known. */
  readonly targets: Float32Array;
  /** Of each head, ascending. */
  readonly probabilities: readonly number[];
  readonly batches: number;
  readonly batchRows: number;
  /** At the start; it falls to nearly zero along half a cosine. */
  readonly learningRate: number;
  readonly seed: number;
}

/** Minimizes the mean pinball loss over known targets. The same job gives the same weights. */
export type TrainNetwork = (job: NetworkJob) => Promise<NetworkWeights>;

/** `train` null: a family that loads and forecasts but can't fit, for processes without TensorFlow. */
export function lstmFamily(train: TrainNetwork | null): ModelFamily {
  const minimumBins: ModelFamily['minimumBins'] = ({ clock }) =>
    Math.max(400, Math.ceil(binsPerDay(clock) / 2));
  return {
    name: family,
    expense: 'on request',
    minimumBins,
    async fit(history, context, options) {
      if (train === null)
        throw new PamError(
          'INVALID_INPUT',
          `"${family}" is fitted by the trainer's threads; pass the job to the trainer`,
        );
      const keep = bestKeep(new DemandView(history, logOffset(history.counts), context.events));
      let known: NetworkWeights | null = null;
      const making = {
        family,
        version,
        keep,
        minimumBins: minimumBins(history),
        async makePredictor(view: DemandView, fitOptions: FitOptions) {
          const made = await fitPredictor(view, keep, fitOptions, train, known);
          known = made.network.weights;
          return made;
        },
      };
      return fitRehearsed(making, history, context, options);
    },
    load: (state) =>
      CalibratedModel.load(state, family, version, (predictor) => LstmPredictor.load(predictor)),
  };
}

interface LstmState {
  readonly network: LstmNetwork;
  readonly inputs: InputScale;
  readonly effects: EventEffects;
  /** The windows that were fitted, the peak first, and the unit of each one's targets in logs. */
  readonly targets: readonly { readonly window: TargetWindow; readonly unit: number }[];
  readonly usualSpread: number;
}

class LstmPredictor implements Predictor {
  private readonly row = new Float64Array(featureCount);
  private readonly sequence = new Float32Array(sequenceSize);
  private readonly statics = new Float32Array(staticCount);
  private readonly heads: Float64Array;

  constructor(private readonly state: LstmState) {
    this.heads = new Float64Array(state.network.shape.heads);
  }

  get network(): LstmNetwork {
    return this.state.network;
  }

  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[] {
    const { network, inputs, effects, usualSpread } = this.state;
    writeSequence(view, view.length, level, this.sequence);
    inputs.scaleSequence(this.sequence);
    network.read(this.sequence);
    return windows.map((window) => {
      writeFeatures(view, view.length, window, level, this.row);
      inputs.writeStatics(this.row, window, this.statics);
      network.quantiles(this.statics, this.heads);
      const unit = this.unitOf(window);
      const spread = unit * (this.heads[1]! - this.heads[0]!);
      return {
        center: level + unit * this.heads[0]! + expectedLift(view, view.length, window, effects),
        spread,
        tail: tailOf(spread, usualSpread),
      };
    });
  }

  serialize(): Json {
    const { network, inputs, effects, targets, usualSpread } = this.state;
    return {
      network: network.serialize(),
      inputs: inputs.serialize(),
      effects: writeEffects(effects),
      targets: targets.map(({ window: { from, to }, unit }) => [from, to, unit]),
      usualSpread,
    };
  }

  static load(json: Json | undefined): LstmPredictor {
    const { network, inputs, effects, targets, usualSpread } = (json ?? {}) as { [key: string]: Json };
    if (!Array.isArray(targets) || targets.length === 0 || typeof usualSpread !== 'number')
      throw new PamError('INVALID_DATA', `model state of family "${family}" is incomplete; train again`);
    const loaded = LstmNetwork.load(network);
    const { steps, stepInputs: inputsAStep, statics, heads } = loaded.shape;
    if (steps !== sequenceSteps || inputsAStep !== stepInputs || statics !== staticCount || heads < 2)
      throw new PamError(
        'INVALID_DATA',
        `model state of family "${family}" is of a network with other inputs; train again`,
      );
    return new LstmPredictor({
      network: loaded,
      inputs: InputScale.load(inputs),
      effects: readEffects(effects ?? {}),
      targets: targets.map((target) => {
        const [from, to, unit] = Array.isArray(target) ? target.map(Number) : [];
        return { window: { from: from ?? 0, to: to ?? 0 }, unit: unit ?? 1 };
      }),
      usualSpread,
    });
  }

  /** For the most similar fitted window: a peak uses the peak, a single bin the nearest horizon. */
  private unitOf(window: TargetWindow): number {
    const { targets } = this.state;
    if (window.from !== window.to || targets.length === 1) return targets[0]!.unit;
    let nearest = targets[1]!;
    for (const target of targets.slice(2))
      if (Math.abs(target.window.to - window.to) < Math.abs(nearest.window.to - window.to)) nearest = target;
    return nearest.unit;
  }
}

async function fitPredictor(
  view: DemandView,
  keep: number,
  options: FitOptions,
  train: TrainNetwork,
  known: NetworkWeights | null,
): Promise<LstmPredictor> {
  const { units, hidden, probabilities, batchRows, batches, furtherBatches, learningRate } =
    lstmConfiguration;
  const effects = learnEffects(view, options.leadBins + 1);
  const windows = [peakWindow(options.leadBins), ...options.horizonBins.map(horizonWindow)];
  const origins = originsOf(view, options.seed);
  if (origins.length < fewestRows)
    throw new PamError(
      'INVALID_DATA',
      `"${family}" needs at least ${fewestRows} decisions before the part that it is judged on, there are ${origins.length}`,
    );
  const examples = examplesOf(view, keep, origins, windows, effects);
  const inputs = InputScale.learned(examples.features, examples.sequences);
  inputs.scaleSequence(examples.sequences);
  const unitsOfTargets = windows.map((_, column) => unitOfTargets(examples.targets, column, windows.length));
  const statics = new Float32Array(origins.length * windows.length * staticCount);
  const targets = new Float32Array(origins.length * windows.length);
  for (let at = 0; at < targets.length; at++) {
    const column = at % windows.length;
    inputs.writeStatics(
      examples.features.subarray(at * featureCount, (at + 1) * featureCount),
      windows[column]!,
      statics.subarray(at * staticCount, (at + 1) * staticCount),
    );
    // A single jump says only that there are jumps.
    targets[at] = Math.min(6, Math.max(-6, examples.targets[at]! / unitsOfTargets[column]!));
  }
  const shape: NetworkShape = {
    steps: sequenceSteps,
    stepInputs,
    units,
    statics: staticCount,
    hidden,
    heads: probabilities.length,
  };
  const weights = await train({
    shape,
    initial: known ?? initialWeights(shape, options.seed),
    rows: origins.length,
    windows: windows.length,
    sequences: examples.sequences,
    statics,
    targets,
    probabilities,
    batches: known === null ? batches : furtherBatches,
    batchRows: Math.max(1, Math.min(batchRows, Math.ceil(origins.length / 8))),
    learningRate: known === null ? learningRate : learningRate / 2,
    seed: options.seed,
  });
  if (!Object.values(weights).every((values) => values.every(Number.isFinite)))
    throw new PamError(
      'INVALID_DATA',
      `"${family}" did not converge on these ${origins.length} decisions; another family serves`,
    );
  const network = new LstmNetwork(shape, weights);
  return new LstmPredictor({
    network,
    inputs,
    effects,
    targets: windows.map((window, column) => ({ window, unit: unitsOfTargets[column]! })),
    usualSpread: usualSpreadOf(network, examples.sequences, statics, windows.length, unitsOfTargets[0]!),
  });
}

/** Bins before which a decision is learned from, ascending: a seeded sample when there are many. */
function originsOf(view: DemandView, seed: number): number[] {
  const usable: number[] = [];
  for (let index = 2; index < view.length; index++) if (!Number.isNaN(view.at(index - 1))) usable.push(index);
  const share = lstmConfiguration.mostRows / usable.length;
  const random = seededRandom(seed);
  return share >= 1 ? usable : usable.filter(() => random() < share);
}

/** Features and sequences as they are, and the log-ratio of each outcome to the level less what events are known to add. */
function examplesOf(
  view: DemandView,
  keep: number,
  origins: readonly number[],
  windows: readonly TargetWindow[],
  effects: EventEffects,
) {
  const features = new Float64Array(origins.length * windows.length * featureCount);
  const sequences = new Float32Array(origins.length * sequenceSize);
  const targets = new Float32Array(origins.length * windows.length);
  origins.forEach((index, row) => {
    const level = view.level(index, keep);
    writeSequence(view, index, level, sequences.subarray(row * sequenceSize, (row + 1) * sequenceSize));
    windows.forEach((window, column) => {
      const at = row * windows.length + column;
      writeFeatures(
        view,
        index,
        window,
        level,
        features.subarray(at * featureCount, (at + 1) * featureCount),
      );
      targets[at] = view.outcome(index, window) - level - expectedLift(view, index, window, effects);
    });
  });
  return { features, sequences, targets };
}

/** 90 % of a window's targets are smaller than this: the network answers in numbers around 1. */
function unitOfTargets(targets: Float32Array, column: number, windows: number): number {
  const sizes: number[] = [];
  for (let at = column; at < targets.length; at += windows)
    if (!Number.isNaN(targets[at]!)) sizes.push(Math.abs(targets[at]!));
  return sizes.length === 0 ? 1 : Math.max(0.003, quantileOf(Float64Array.from(sizes), 0.9));
}

/** The median spread of the peak, log, over at most 500 of the decisions. */
function usualSpreadOf(
  network: LstmNetwork,
  sequences: Float32Array,
  statics: Float32Array,
  windows: number,
  unit: number,
): number {
  const rows = sequences.length / sequenceSize;
  const stride = Math.max(1, Math.floor(rows / 500));
  const heads = new Float64Array(network.shape.heads);
  const spreads: number[] = [];
  for (let row = 0; row < rows; row += stride) {
    network.read(sequences.subarray(row * sequenceSize, (row + 1) * sequenceSize));
    const at = row * windows * staticCount;
    network.quantiles(statics.subarray(at, at + staticCount), heads);
    spreads.push(unit * (heads[1]! - heads[0]!));
  }
  return Math.max(0.003, quantileOf(Float64Array.from(spreads), 0.5));
}

/** As for the trees: between the unit of this hour and that of all hours. */
function tailOf(spread: number, usualSpread: number): number {
  const share = lstmConfiguration.tailShare;
  return Math.max(spread, 1e-3) ** share * usualSpread ** (1 - share);
}
