/**
 * TensorFlow.js on the best backend of this machine: TensorFlow's own library where the set-up has built the binding,
 * else WebAssembly, with what to do about it. For worker threads only: loading it takes half a second and 300 MB.
 */
import { dirname, join } from 'node:path';

export type Tensorflow = typeof import('@tensorflow/tfjs');

export interface LoadedTensorflow {
  readonly tf: Tensorflow;
  readonly backend: 'native' | 'wasm';
  /** Why it is not the native one; null where it is. */
  readonly notice: string | null;
}

let loaded: Promise<LoadedTensorflow> | null = null;

/** `PAM_TENSORFLOW_BACKEND=wasm` leaves the native library out. */
export function loadTensorflow(env: NodeJS.ProcessEnv = process.env): Promise<LoadedTensorflow> {
  loaded ??= load(env);
  return loaded;
}

async function load(env: NodeJS.ProcessEnv): Promise<LoadedTensorflow> {
  const wanted = env.PAM_TENSORFLOW_BACKEND === 'wasm' ? 'PAM_TENSORFLOW_BACKEND asks for it' : null;
  const failure = wanted ?? native();
  const tf = require('@tensorflow/tfjs') as Tensorflow;
  if (failure === null) {
    await tf.setBackend('tensorflow');
    return { tf, backend: 'native', notice: null };
  }
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  await tf.setBackend('wasm');
  return {
    tf,
    backend: 'wasm',
    notice: `the lstm family trains on WebAssembly, not on TensorFlow's own library: ${failure}`,
  };
}

/** Registers the native backend; why it can't where it can't. */
function native(): string | null {
  try {
    require('@tensorflow/tfjs-node');
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n')[0] : String(error);
    return `${reason} (pam tools --install builds it)`;
  }
}
