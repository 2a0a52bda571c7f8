/**
 * TensorFlow.js on the best backend of this machine: TensorFlow’s own library if the set-up has built the binding,
 * else WebAssembly, with a notice. For worker threads only: loading it takes half a second and about 300 MB.
 */
import { dirname, join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../core/thrown';

export type Tensorflow = typeof import('@tensorflow/tfjs');

/** What a thread posts beside its answer: a sentence that a person should read. */
export interface ThreadNotice {
  readonly notice: string;
}

export interface LoadedTensorflow {
  readonly tf: Tensorflow;
  readonly backend: 'native' | 'wasm';
}

let loaded: Promise<LoadedTensorflow> | null = null;

/** `PAM_TENSORFLOW_BACKEND=wasm` leaves the native library out. */
export function loadTensorflow(): Promise<LoadedTensorflow> {
  loaded ??= load(process.env.PAM_TENSORFLOW_BACKEND);
  return loaded;
}

async function load(wanted: string | undefined): Promise<LoadedTensorflow> {
  const failure = wanted === 'wasm' ? 'PAM_TENSORFLOW_BACKEND=wasm is set' : loadNative();
  const tf = require('@tensorflow/tfjs') as Tensorflow;
  if (failure === null) {
    await tf.setBackend('tensorflow');
    return { tf, backend: 'native' };
  }
  notify(`the lstm family trains on WebAssembly, not on TensorFlow's own library: ${failure}`);
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  await tf.setBackend('wasm');
  return { tf, backend: 'wasm' };
}

/** Registers the native backend. Returns the reason if that fails. */
function loadNative(): string | null {
  try {
    require('@tensorflow/tfjs-node');
    return null;
  } catch (error) {
    const [reason] = messageOf(error).trim().split('\n');
    return `${reason} (pam tools --install builds it)`;
  }
}

function notify(notice: string): void {
  if (parentPort === null) process.stderr.write(`${notice}\n`);
  else parentPort.postMessage({ notice } satisfies ThreadNotice);
}
