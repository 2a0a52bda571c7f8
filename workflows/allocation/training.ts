/** Starts `retrainCategory` beside the loop when `verify` finds that a model is due, at most one at a time. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { isCancellation, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import { causeInWords } from '../../core/failures/causeInWords';
import { type RetrainResult, retrainWorkflowId, trainingQueueOf } from '../contracts';
import type { retrainCategory } from '../training/retrainCategory';
import type { AllocationState } from './state';

/** Bins until the next attempt after one that failed, doubled with each up to a day. */
const attemptBins = 10;
/** Days until the next attempt after one that kept the model in use, doubled with each up to a week. */
const keptDays = 0.5;
const longestDays = 7;

/**
 * Returns once the training has started; its result is noted when it comes. An urgent one (the model fails in service)
 * waits for no back-off, only for the training that runs. The first attempt looks at the families; one after an attempt
 * that kept the model searches wide.
 */
export async function startTrainingWhenDue(
  state: AllocationState,
  due: string,
  urgent: boolean,
): Promise<void> {
  const { training, settings } = state;
  const nowMs = Date.now();
  if (training.startedMs !== null) return;
  const sinceUrgentMs = nowMs - (training.urgentMs ?? Number.NEGATIVE_INFINITY);
  // What stays wrong after a training is not mended by the next one right away.
  const soon = urgent && sinceUrgentMs >= attemptBins * settings.binMs;
  if (nowMs < training.nextAttemptMs && !soon) return;
  training.startedMs = nowMs;
  if (urgent) training.urgentMs = nowMs;
  training.nextAttemptMs = nowMs + attemptBins * settings.binMs;
  try {
    const child = await startChild<typeof retrainCategory>('retrainCategory', {
      workflowId: retrainWorkflowId(settings.name),
      taskQueue: trainingQueueOf(workflowInfo().taskQueue),
      // A training is worth finishing even when the category's workflow ends or continues as new.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `train ${settings.name}: ${due}`,
      args: [
        {
          category: settings.name,
          reason: due,
          search: urgent || training.kept > 0 ? 'wide' : 'families',
        },
      ],
    });
    void child.result().then(
      ({ outcome, reason }) => finished(state, outcome, reason),
      (error: unknown) => finished(state, 'failed', `failed: ${causeInWords(error)}`),
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    training.startedMs = null;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    training.lastResult = 'another training of this category is running';
  }
}

/**
 * When the last training ended, as far as is known: one that was running when the workflow continued as new tells
 * nobody any more. null = none yet.
 */
export function lastTrainedMs({ training }: AllocationState): number | null {
  const { startedMs, finishedMs, urgentMs } = training;
  const times = [finishedMs, startedMs === null ? urgentMs : null].filter((time) => time !== null);
  return times.length === 0 ? null : Math.max(...times);
}

function finished(
  state: AllocationState,
  outcome: RetrainResult['outcome'] | 'failed',
  result: string,
): void {
  const { training, settings } = state;
  const failed = outcome === 'failed' || outcome === 'nothing-fitted';
  training.startedMs = null;
  training.finishedMs = Date.now();
  training.lastResult = result;
  training.failures = failed ? training.failures + 1 : 0;
  training.kept = outcome === 'kept' ? training.kept + 1 : failed ? training.kept : 0;
  const doubled = (steps: number) => 2 ** Math.min(steps, 20);
  const waitMs = failed
    ? Math.min(settings.dayMs, attemptBins * settings.binMs * doubled(training.failures))
    : training.kept > 0
      ? Math.min(longestDays, keptDays * doubled(training.kept - 1)) * settings.dayMs
      : attemptBins * settings.binMs;
  training.nextAttemptMs = Date.now() + waitMs;
}
