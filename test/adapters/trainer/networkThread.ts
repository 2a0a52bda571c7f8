/** Entry of a worker thread for trainNetwork.test.ts: what TensorFlow answers beside our own forward pass, and trained weights. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadTensorflow, type Tensorflow } from '../../../adapters/trainer/tensorflow';
import { buildModel, quantilesOf, setWeights, trainNetwork } from '../../../adapters/trainer/trainNetwork';
import type { NetworkJob } from '../../../core/forecasting/families/lstm/lstm';
import { LstmNetwork, type NetworkWeights } from '../../../core/forecasting/families/lstm/lstmNetwork';

export interface NetworkAnswer {
  readonly backend: string;
  /** Quantiles of the job's rows and windows under its initial weights, by both. */
  readonly byTensorflow: Float32Array;
  readonly byOurs: Float32Array;
  readonly weights: NetworkWeights;
  /** The same job trained once more. */
  readonly again: NetworkWeights;
}

async function answer(job: NetworkJob): Promise<NetworkAnswer> {
  const { tf, backend } = await loadTensorflow();
  return {
    backend,
    byTensorflow: await predicted(tf, job),
    byOurs: ours(job),
    weights: await trainNetwork(job),
    again: await trainNetwork(job),
  };
}

async function predicted(tf: Tensorflow, { shape, initial, rows, windows, sequences, statics }: NetworkJob) {
  const model = buildModel(tf, shape, windows);
  setWeights(tf, model, shape, initial);
  const inputs = [
    tf.tensor3d(sequences, [rows, shape.steps, shape.stepInputs]),
    tf.tensor3d(statics, [rows, windows, shape.statics]),
  ];
  return Float32Array.from(await quantilesOf(tf, model.predict(inputs) as never).data());
}

function ours({ shape, initial, rows, windows, sequences, statics }: NetworkJob): Float32Array {
  const network = new LstmNetwork(shape, initial);
  const answers = new Float32Array(rows * windows * shape.heads);
  const heads = new Float64Array(shape.heads);
  const sequenceSize = shape.steps * shape.stepInputs;
  for (let row = 0; row < rows; row++) {
    network.read(sequences.subarray(row * sequenceSize, (row + 1) * sequenceSize));
    for (let at = row * windows; at < (row + 1) * windows; at++) {
      network.quantiles(statics.subarray(at * shape.statics, (at + 1) * shape.statics), heads);
      answers.set(heads, at * shape.heads);
    }
  }
  return answers;
}

answer(workerData as NetworkJob).then((message) => parentPort?.postMessage(message));
