/** The activities of a category with their time-outs and retries, each tolerant of failure in its own way. */
import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { AllocationActivities } from '../../activities/createActivities';
import { nonRetryableCodes } from '../../core/errors';
import { causeInWords } from '../../core/failures/causeInWords';

const retry = {
  initialInterval: '200ms',
  backoffCoefficient: 2,
  maximumInterval: '10s',
  nonRetryableErrorTypes: nonRetryableCodes,
} as const;

/** Reads and arithmetic: quick, and worthless once their bin is over (`scheduleToClose` is set per call). */
export const { predict, calculate, verify } = proxyActivities<AllocationActivities>({
  startToCloseTimeout: '10s',
  retry,
});

/** Creating and draining nodes: long, heartbeats, and a cancelled one is waited for so that nothing is half done. */
export const { scale } = proxyActivities<AllocationActivities>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '15s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...retry, maximumAttempts: 5 },
});

/** Must succeed at last: retried for as long as it takes. */
export const { removeNodes } = proxyActivities<AllocationActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '15s',
  retry: { ...retry, maximumInterval: '30s' },
});
export const { registerCategory, recordEvents } = proxyActivities<AllocationActivities>({
  startToCloseTimeout: '10s',
  retry,
});

/** Options of a step of one tick: shown in the UI, given up when the next bin's tick has taken over. */
export function inBin(binMs: number, summary: string): ActivityOptions {
  return { summary, scheduleToCloseTimeout: Math.max(10_000, binMs) };
}

/**
 * Runs a step; a failure (after its retries) goes to `failed`, and the answer is null. Cancellation passes through.
 */
export async function attempt<T>(step: Promise<T>, failed: (why: string) => void): Promise<T | null> {
  try {
    return await step;
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    failed(causeInWords(error));
    return null;
  }
}
