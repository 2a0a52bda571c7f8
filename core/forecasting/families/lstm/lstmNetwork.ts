/**
 * The weights of a small recurrent network and its forward pass in plain arithmetic: what TensorFlow has trained is
 * served without TensorFlow. One LSTM layer (Hochreiter and Schmidhuber 1997, gates in Keras' order i, f, c, o) reads the
 * last bins; a dense layer joins it with the features of a window; its heads are quantiles that can't cross.
 */
import { PamError } from '../../../errors';
import { seededRandom } from '../../../statistics/random';
import { decodeFloats, encodeFloats } from '../../encoding';
import type { Json } from '../../model';

export interface NetworkShape {
  /** Steps of the sequence, oldest first, and numbers a step. */
  readonly steps: number;
  readonly stepInputs: number;
  /** Size of the LSTM's state. */
  readonly units: number;
  /** Features of a window that are no sequence. */
  readonly statics: number;
  readonly hidden: number;
  /** Quantiles, the lowest first. */
  readonly heads: number;
}

/** Names and shapes [rows, columns] of the weights, row-major; the order is the one of the stored state. */
export function weightShapes(shape: NetworkShape) {
  const { stepInputs, units, statics, hidden, heads } = shape;
  return {
    kernel: [stepInputs, 4 * units],
    recurrent: [units, 4 * units],
    bias: [1, 4 * units],
    joinKernel: [units + statics, hidden],
    joinBias: [1, hidden],
    headKernel: [hidden, heads],
    headBias: [1, heads],
  } as const;
}

export type WeightName = keyof ReturnType<typeof weightShapes>;
export type NetworkWeights = { readonly [name in WeightName]: Float32Array };

export const weightNames = [
  'kernel',
  'recurrent',
  'bias',
  'joinKernel',
  'joinBias',
  'headKernel',
  'headBias',
] as const satisfies readonly WeightName[];

/** Uniform in ±√(6 ÷ (rows + columns)) (Glorot and Bengio 2010); biases 0, the forget gate's 1. Same seed, same weights. */
export function initialWeights(shape: NetworkShape, seed: number): NetworkWeights {
  const random = seededRandom(seed);
  const shapes = weightShapes(shape);
  const made = (name: WeightName): Float32Array => {
    const [rows, columns] = shapes[name];
    const values = new Float32Array(rows * columns);
    if (rows === 1) return values;
    const reach = Math.sqrt(6 / (rows + columns));
    return values.map(() => (2 * random() - 1) * reach);
  };
  const weights = Object.fromEntries(weightNames.map((name) => [name, made(name)])) as NetworkWeights;
  weights.bias.fill(1, shape.units, 2 * shape.units);
  return weights;
}

/** One network with its scratch memory. Not to be shared between threads. */
export class LstmNetwork {
  private readonly state: Float64Array;
  private readonly cell: Float64Array;
  private readonly gates: Float64Array;
  private readonly joined: Float64Array;

  constructor(
    readonly shape: NetworkShape,
    readonly weights: NetworkWeights,
  ) {
    this.state = new Float64Array(shape.units);
    this.cell = new Float64Array(shape.units);
    this.gates = new Float64Array(4 * shape.units);
    this.joined = new Float64Array(shape.hidden);
  }

  /** Reads a sequence (steps × stepInputs, oldest first); `quantiles` then answers for what follows it. */
  read(sequence: ArrayLike<number>): void {
    const { steps, stepInputs, units } = this.shape;
    const { kernel, recurrent, bias } = this.weights;
    const { state, cell, gates } = this;
    const width = 4 * units;
    state.fill(0);
    cell.fill(0);
    for (let step = 0; step < steps; step++) {
      gates.set(bias);
      for (let input = 0; input < stepInputs; input++)
        addScaled(gates, kernel, input * width, sequence[step * stepInputs + input]!);
      for (let unit = 0; unit < units; unit++) addScaled(gates, recurrent, unit * width, state[unit]!);
      for (let unit = 0; unit < units; unit++) {
        const forget = sigmoid(gates[units + unit]!);
        const write = sigmoid(gates[unit]!) * Math.tanh(gates[2 * units + unit]!);
        cell[unit] = forget * cell[unit]! + write;
        state[unit] = sigmoid(gates[3 * units + unit]!) * Math.tanh(cell[unit]!);
      }
    }
  }

  /** The quantiles, non-decreasing, for a window with these features, after the sequence that was read last. */
  quantiles(statics: ArrayLike<number>, into: Float64Array): void {
    const { units, hidden, heads } = this.shape;
    const { joinKernel, joinBias, headKernel, headBias } = this.weights;
    const { joined, state } = this;
    joined.set(joinBias);
    for (let unit = 0; unit < units; unit++) addScaled(joined, joinKernel, unit * hidden, state[unit]!);
    for (let input = 0; input < this.shape.statics; input++)
      addScaled(joined, joinKernel, (units + input) * hidden, statics[input]!);
    for (let unit = 0; unit < hidden; unit++) joined[unit] = Math.tanh(joined[unit]!);
    let quantile = 0;
    for (let head = 0; head < heads; head++) {
      let raw = headBias[head]!;
      for (let unit = 0; unit < hidden; unit++) raw += joined[unit]! * headKernel[unit * heads + head]!;
      // The first head is the lowest quantile, each other one a step up from the one below.
      quantile = head === 0 ? raw : quantile + softplus(raw);
      into[head] = quantile;
    }
  }

  serialize(): Json {
    return {
      shape: { ...this.shape },
      weights: Object.fromEntries(weightNames.map((name) => [name, encodeFloats(this.weights[name])])),
    };
  }

  /** Throws PamError INVALID_DATA where a weight is missing or of another size. */
  static load(json: Json | undefined): LstmNetwork {
    const { shape: sizes, weights } = (json ?? {}) as { [key: string]: { [key: string]: Json } | undefined };
    const size = (name: keyof NetworkShape): number => {
      const value = Number(sizes?.[name]);
      if (!Number.isInteger(value) || value < 1)
        throw new PamError(
          'INVALID_DATA',
          `model state: the network's "${name}" should be a whole number above 0`,
        );
      return value;
    };
    const shape: NetworkShape = {
      steps: size('steps'),
      stepInputs: size('stepInputs'),
      units: size('units'),
      statics: size('statics'),
      hidden: size('hidden'),
      heads: size('heads'),
    };
    const shapes = weightShapes(shape);
    const read = (name: WeightName): Float32Array => {
      const values = decodeFloats(weights?.[name], `the network's "${name}"`);
      const [rows, columns] = shapes[name];
      if (values.length !== rows * columns)
        throw new PamError(
          'INVALID_DATA',
          `model state: the network's "${name}" has ${values.length} numbers, expected ${rows * columns}`,
        );
      return values;
    };
    const all = Object.fromEntries(weightNames.map((name) => [name, read(name)])) as NetworkWeights;
    return new LstmNetwork(shape, all);
  }
}

function addScaled(sums: Float64Array, weights: Float32Array, offset: number, factor: number): void {
  if (factor === 0) return;
  for (let index = 0; index < sums.length; index++) sums[index]! += factor * weights[offset + index]!;
}

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** log(1 + eˣ) without overflow. */
const softplus = (value: number) => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)));
