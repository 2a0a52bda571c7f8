/**
 * Entry of a worker thread: one job → one answer. Then the thread ends, which frees the memory that WebAssembly keeps.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, PamError } from '../../core/errors';
import type { FitJob, JudgeJob } from '../../ports/trainer';
import { runFit, runJudge } from './runFit';

export type ThreadJob =
  | { readonly kind: 'fit'; readonly job: FitJob }
  | { readonly kind: 'judge'; readonly job: JudgeJob };

export type ThreadAnswer =
  | { readonly outcome: unknown }
  | {
      readonly failure: { readonly code: ErrorCode | null; readonly message: string; readonly stack: string };
    };

async function answer(asked: ThreadJob): Promise<ThreadAnswer> {
  try {
    return { outcome: asked.kind === 'fit' ? await runFit(asked.job) : await runJudge(asked.job) };
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

answer(workerData as ThreadJob).then((message) => parentPort?.postMessage(message));
