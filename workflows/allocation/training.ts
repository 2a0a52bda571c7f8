/** Starts `retrainCategory` beside the loop when `predict` finds that a model is due, at most one at a time. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { isCancellation, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { retrainWorkflowId, trainingQueueOf } from '../contracts';
import type { retrainCategory } from '../retrainCategory';
import type { AllocationState } from './state';

/** Bins until the next attempt: after a success, and doubled with each failure up to a day. */
const attemptBins = 10;

/** Returns once the training has started; its result is noted when it comes. */
export async function startTrainingWhenDue(state: AllocationState, due: string | null): Promise<void> {
  const { training, settings } = state;
  const nowMs = Date.now();
  if (due === null || training.startedMs !== null || nowMs < training.nextAttemptMs) return;
  training.startedMs = nowMs;
  training.nextAttemptMs = nowMs + backoffMs(state);
  try {
    const child = await startChild<typeof retrainCategory>('retrainCategory', {
      workflowId: retrainWorkflowId(settings.name),
      taskQueue: trainingQueueOf(workflowInfo().taskQueue),
      // A training is worth finishing even when the category's workflow ends or continues as new.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `train ${settings.name}: ${due}`,
      args: [{ category: settings.name, reason: due }],
    });
    void child.result().then(
      (result) => finished(state, result.promoted !== null, result.reason),
      (error: unknown) => finished(state, false, `failed: ${causeOf(error)}`),
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    training.startedMs = null;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    training.lastResult = 'another training of this category is running';
  }
}

function finished(state: AllocationState, promoted: boolean, result: string): void {
  const { training } = state;
  training.startedMs = null;
  training.failures = promoted ? 0 : training.failures + 1;
  training.nextAttemptMs = Date.now() + backoffMs(state);
  training.lastResult = result;
}

function backoffMs({ training, settings }: AllocationState): number {
  return Math.min(settings.day, attemptBins * settings.bin * 2 ** Math.min(training.failures, 20));
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? causeOf(error.cause) : error.message;
}
