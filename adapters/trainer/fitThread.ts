/** Entry of a worker thread: one job in, one answer out, then it ends, and with it whatever WebAssembly still holds. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, PamError } from '../../core/errors';
import type { FitJob, FitOutcome } from '../../ports/trainer';
import { runFit } from './runFit';

export type ThreadAnswer =
  | { readonly outcome: FitOutcome }
  | {
      readonly failure: { readonly code: ErrorCode | null; readonly message: string; readonly stack: string };
    };

async function answer(job: FitJob): Promise<ThreadAnswer> {
  try {
    return { outcome: await runFit(job) };
  } catch (error) {
    const known = error instanceof Error ? error : new Error(String(error));
    return {
      failure: {
        code: known instanceof PamError ? known.code : null,
        message: known.message,
        stack: known.stack ?? known.message,
      },
    };
  }
}

answer(workerData as FitJob).then((message) => parentPort?.postMessage(message));
