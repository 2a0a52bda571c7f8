/** Examples of decisions → trained weights of the recurrent network, by TensorFlow's layers and Adam. For worker threads only. */
import type { LayersModel, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { NetworkJob } from '../../core/forecasting/families/lstm/lstm';
import {
  type NetworkShape,
  type NetworkWeights,
  weightNames,
  weightShapes,
} from '../../core/forecasting/families/lstm/lstmNetwork';
import { seededRandom } from '../../core/statistics/random';
import { loadTensorflow, type Tensorflow } from './tensorflow';

/** Minimizes the mean pinball loss of the known targets. */
export async function trainNetwork(job: NetworkJob): Promise<NetworkWeights> {
  const { tf } = await loadTensorflow();
  const { shape, rows, windows, batchRows, batches } = job;
  const model = buildModel(tf, shape, windows);
  setWeights(tf, model, shape, job.initial);
  const sequences = tf.tensor3d(job.sequences, [rows, shape.steps, shape.stepInputs]);
  const statics = tf.tensor3d(job.statics, [rows, windows, shape.statics]);
  const known = tf.tensor2d(
    job.targets.map((target) => (Number.isNaN(target) ? 0 : 1)),
    [rows, windows],
  );
  const targets = tf.tensor2d(
    job.targets.map((target) => (Number.isNaN(target) ? 0 : target)),
    [rows, windows],
  );
  const optimizer = tf.train.adam(job.learningRate);
  const order = shuffledRows(rows, job.seed);
  try {
    for (let batch = 0; batch < batches; batch++) {
      // The rate is read at every step; the type hides it.
      (optimizer as unknown as { learningRate: number }).learningRate =
        job.learningRate * (0.02 + 0.49 * (1 + Math.cos((Math.PI * batch) / batches)));
      const picked = order(batchRows);
      tf.tidy(() => {
        const chosen = tf.tensor1d(picked, 'int32');
        const [read, joined, target, mask] = [sequences, statics, targets, known].map((all) =>
          tf.gather(all as Tensor, chosen),
        ) as [Tensor3D, Tensor3D, Tensor2D, Tensor2D];
        optimizer.minimize(() => {
          const quantiles = quantilesOf(tf, model.apply([read, joined], { training: true }) as Tensor3D);
          return pinballLoss(tf, quantiles, target, mask, job.probabilities);
        });
      });
    }
    return readWeights(model);
  } finally {
    tf.dispose([sequences, statics, known, targets]);
    optimizer.dispose();
    model.dispose();
  }
}

/**
 * The network as TensorFlow’s layers: [rows, steps, stepInputs] and [rows, windows, statics] → [rows, windows, heads],
 * raw.
 */
export function buildModel(tf: Tensorflow, shape: NetworkShape, windows: number): LayersModel {
  const { layers } = tf;
  const sequence = tf.input({ shape: [shape.steps, shape.stepInputs] });
  const features = tf.input({ shape: [windows, shape.statics] });
  const zeros = { kernelInitializer: 'zeros', biasInitializer: 'zeros' } as const;
  const read = layers
    .lstm({ units: shape.units, recurrentActivation: 'sigmoid', recurrentInitializer: 'zeros', ...zeros })
    .apply(sequence);
  const joined = layers
    .concatenate()
    .apply([layers.repeatVector({ n: windows }).apply(read) as never, features]);
  const hidden = layers.dense({ units: shape.hidden, activation: 'tanh', ...zeros }).apply(joined);
  const heads = layers.dense({ units: shape.heads, ...zeros }).apply(hidden);
  return tf.model({ inputs: [sequence, features], outputs: heads as never });
}

/** The order of the layers' weights is the one of `weightNames`. */
export function setWeights(
  tf: Tensorflow,
  model: LayersModel,
  shape: NetworkShape,
  weights: NetworkWeights,
): void {
  const shapes = weightShapes(shape);
  tf.tidy(() =>
    model.setWeights(
      weightNames.map((name) => {
        const [rows, columns] = shapes[name];
        return rows === 1 ? tf.tensor1d(weights[name]) : tf.tensor2d(weights[name], [rows, columns]);
      }),
    ),
  );
}

/** Raw heads → quantiles: the first as it is, each other one a softplus above the one below. */
export function quantilesOf(tf: Tensorflow, raw: Tensor3D): Tensor3D {
  const [rows, windows, heads] = raw.shape;
  const lowest = raw.slice([0, 0, 0], [rows, windows, 1]);
  const steps = raw.slice([0, 0, 1], [rows, windows, heads - 1]).softplus();
  const sums = Float32Array.from({ length: heads * heads }, (_, at) =>
    Math.floor(at / heads) <= at % heads ? 1 : 0,
  );
  return tf
    .concat([lowest, steps], 2)
    .reshape([rows * windows, heads])
    .matMul(tf.tensor2d(sums, [heads, heads]))
    .reshape([rows, windows, heads]);
}

/** Koenker and Bassett 1978, averaged over the known targets and all heads. */
function pinballLoss(
  tf: Tensorflow,
  quantiles: Tensor3D,
  targets: Tensor2D,
  known: Tensor2D,
  probabilities: readonly number[],
) {
  const misses = targets.expandDims(2).sub(quantiles);
  const wanted = tf.tensor1d([...probabilities]);
  const losses = tf.maximum(misses.mul(wanted), misses.mul(wanted.sub(1)));
  return losses.sum(2).mul(known).sum().div(known.sum().add(1e-6)).asScalar();
}

/** Rows in a seeded order: each comes once before any comes again. */
function shuffledRows(rows: number, seed: number): (count: number) => Int32Array {
  const random = seededRandom(seed);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  let next = rows;
  return (count) =>
    Int32Array.from({ length: count }, () => {
      if (next === rows) {
        for (let last = rows - 1; last > 0; last--) {
          const other = Math.floor(random() * (last + 1));
          [order[last], order[other]] = [order[other]!, order[last]!];
        }
        next = 0;
      }
      return order[next++]!;
    });
}

function readWeights(model: LayersModel): NetworkWeights {
  const values = model.getWeights().map((weight) => Float32Array.from(weight.dataSync()));
  return Object.fromEntries(weightNames.map((name, index) => [name, values[index]!])) as NetworkWeights;
}
