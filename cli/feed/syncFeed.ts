/** A feed’s definition or name → read now by `syncEvents`; returns what changed. */
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type ErrorCode, errorCatalogue, PamError } from '../../core/errors';
import { durationInWords } from '../../core/time/durationWords';
import {
  feedsQueueOf,
  type SyncEventsInput,
  type SyncEventsResult,
  syncWorkflowId,
  workflowTypes,
} from '../../workflows/contracts';

/** Longest wait for the result, ms. The workflow continues after it. */
const waitMs = 120_000;

/** Waits for a reading that is under way. Throws PamError with the code of the failure. */
export async function syncFeed(
  client: Client,
  taskQueue: string,
  name: string,
  input: SyncEventsInput,
): Promise<SyncEventsResult> {
  const handle = await client.workflow.start(workflowTypes.syncEvents, {
    workflowId: syncWorkflowId(name),
    workflowIdConflictPolicy: 'withdraw' in input ? 'TERMINATE_EXISTING' : 'USE_EXISTING',
    taskQueue: feedsQueueOf(taskQueue),
    args: [input],
    workflowExecutionTimeout: '15m',
  });
  const late = new PamError(
    'UNAVAILABLE',
    `no result within ${durationInWords(waitMs)}: is a worker running ("pam status")? Workflow ${handle.workflowId} continues`,
  );
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      handle.result() as Promise<SyncEventsResult>,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(late), waitMs);
      }),
    ]);
  } catch (error) {
    throw explained(error);
  } finally {
    clearTimeout(timer);
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  let cause: unknown = error.cause;
  while (cause instanceof Error && !(cause instanceof ApplicationFailure) && cause.cause instanceof Error)
    cause = cause.cause;
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  const code = type != null && type in errorCatalogue ? (type as ErrorCode) : 'REJECTED';
  return new PamError(code, cause instanceof Error ? cause.message : error.message, { cause: error });
}
