/** TensorFlow in worker threads, as the trainer has it: its native library, which must be there, and WebAssembly. */
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { NetworkJob } from '../../../core/forecasting/families/lstm/lstm';
import {
  initialWeights,
  LstmNetwork,
  type NetworkShape,
  type NetworkWeights,
  weightNames,
} from '../../../core/forecasting/families/lstm/lstmNetwork';
import { seededRandom } from '../../../core/statistics/random';
import { pinball } from '../../../core/statistics/scoring';
import type { NetworkAnswer } from './networkThread';

const shape: NetworkShape = { steps: 8, stepInputs: 3, units: 6, statics: 4, hidden: 7, heads: 3 };
const probabilities = [0.5, 0.9, 0.99];
const job = makeJob(400, 2);

/** The target is the first input's mean over the steps, plus noise whose size the first static tells; some are unknown. */
function makeJob(rows: number, windows: number): NetworkJob {
  const random = seededRandom(5);
  const uniform = () => 2 * random() - 1;
  const stepSize = shape.steps * shape.stepInputs;
  const sequences = Float32Array.from({ length: rows * stepSize }, uniform);
  const statics = Float32Array.from({ length: rows * windows * shape.statics }, uniform);
  const targets = Float32Array.from({ length: rows * windows }, (_, at) => {
    const row = Math.floor(at / windows);
    let sum = 0;
    for (let step = 0; step < shape.steps; step++)
      sum += sequences[row * stepSize + step * shape.stepInputs]!;
    const noise = statics[at * shape.statics]! > 0 ? 0.5 : 0.05;
    return at % 7 === 0 ? Number.NaN : sum / 2 + noise * uniform();
  });
  const initial = initialWeights(shape, 9);
  return {
    ...{ shape, initial, rows, windows, sequences, statics, targets, probabilities },
    ...{ batches: 120, batchRows: 64, learningRate: 0.03, seed: 3 },
  };
}

/** With the notices that came before the answer. */
function inThread(backend: 'native' | 'wasm'): Promise<{ answer: NetworkAnswer; notices: string[] }> {
  const worker = new Worker(resolve(__dirname, 'networkThread.ts'), {
    workerData: job,
    execArgv: ['-r', resolve(__dirname, '../../support/compileTypeScript.js')],
    env: { ...process.env, PAM_TENSORFLOW_BACKEND: backend },
  });
  const notices: string[] = [];
  return new Promise((found, failed) => {
    worker.on('message', (message: NetworkAnswer | { notice: string }) => {
      if ('notice' in message) notices.push(message.notice);
      else found({ answer: message, notices });
    });
    worker.on('error', failed);
    worker.on('exit', (code) => failed(new Error(`the thread ended with code ${code}`)));
  });
}

/** Mean pinball loss of the job's known targets. */
function lossOf(weights: NetworkWeights): number {
  const network = new LstmNetwork(shape, weights);
  const heads = new Float64Array(shape.heads);
  const stepSize = shape.steps * shape.stepInputs;
  let sum = 0;
  let known = 0;
  job.targets.forEach((target, at) => {
    if (Number.isNaN(target)) return;
    const row = Math.floor(at / job.windows);
    network.read(job.sequences.subarray(row * stepSize, (row + 1) * stepSize));
    network.quantiles(job.statics.subarray(at * shape.statics, (at + 1) * shape.statics), heads);
    for (const [head, probability] of probabilities.entries())
      sum += pinball(target, heads[head]!, probability);
    known++;
  });
  return sum / known;
}

const farthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);

const answers: { [backend: string]: NetworkAnswer } = {};

test.each(['native', 'wasm'] as const)(
  'the %s backend answers as our own forward pass does, learns, and twice the same',
  async (backend) => {
    const { answer, notices } = await inThread(backend);
    answers[backend] = answer;
    expect({ backend: answer.backend, notices }).toEqual({
      backend,
      notices: backend === 'native' ? [] : [expect.stringContaining('WebAssembly')],
    });
    expect(answer.byOurs).toHaveLength(job.rows * job.windows * shape.heads);
    expect(farthest(answer.byOurs, answer.byTensorflow)).toBeLessThan(1e-5);
    for (const name of weightNames) expect(answer.again[name]).toEqual(answer.weights[name]);
    expect(lossOf(answer.weights)).toBeLessThan(0.4 * lossOf(job.initial));
  },
  120_000,
);

test('both backends learn the same', () => {
  expect(lossOf(answers.wasm!.weights) / lossOf(answers.native!.weights)).toBeCloseTo(1, 2);
});
