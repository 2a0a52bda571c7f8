/**
 * Planned changes → workflows stopped, updated and started, and the outcome of each. A failure of one does not stop
 * the others.
 */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { type ErrorCode, PamError } from '../../core/errors';
import { causeInWords } from '../../core/failures/causeInWords';
import { categoryWorkflowId, signals, updates, workflowTypes } from '../../workflows/contracts';
import { answerMs } from '../connect/withTemporal';
import type { Change } from './planChanges';

export interface Outcome {
  readonly category: string;
  readonly action: Change['action'];
  /** `started`, `updated`, `stopping`; null when it failed. */
  readonly result: string | null;
  readonly error: string | null;
  readonly code: ErrorCode | null;
}

export interface ApplyOptions {
  readonly client: Client;
  readonly taskQueue: string;
  /** Sent to the workflow with a stop, and kept in its memo with a start. */
  readonly reason: string;
  /** Turns errors of the server into coded ones. */
  readonly coded: (error: unknown) => unknown;
}

/** Stops come first, so that another category may take over their requests. */
const order: readonly Change['action'][] = ['stop', 'update', 'start'];

export async function applyChanges(changes: readonly Change[], options: ApplyOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const action of order)
    for (const change of changes.filter((one) => one.action === action))
      outcomes.push(await carryOut(change, options));
  return outcomes;
}

async function carryOut(change: Change, options: ApplyOptions): Promise<Outcome> {
  const { category, action } = change;
  try {
    const result = await options.client.withDeadline(Date.now() + answerMs, () => act(change, options));
    return { category, action, result, error: null, code: null };
  } catch (error) {
    const failure = understood(error, options);
    return { category, action, result: null, error: failure.message, code: failure.code };
  }
}

async function act(change: Change, { client, taskQueue, reason }: ApplyOptions): Promise<string> {
  const workflowId = categoryWorkflowId(change.category);
  switch (change.action) {
    case 'start':
      await client.workflow.start(workflowTypes.allocateCategory, {
        workflowId,
        taskQueue,
        args: [change.declaration.input],
        memo: { startedBy: reason },
        staticSummary: `Nodes for ${change.category}`,
      });
      return 'started';
    case 'update':
      await client.workflow
        .getHandle(workflowId)
        .executeUpdate(updates.configure, { args: [change.request] });
      return 'updated';
    case 'stop':
      await client.workflow.getHandle(workflowId).signal(signals.stop, { reason });
      return 'stopping';
    default:
      return change.action;
  }
}

function understood(error: unknown, { coded }: ApplyOptions): PamError {
  if (error instanceof WorkflowExecutionAlreadyStartedError)
    return new PamError('CONFLICT', 'someone else started it meanwhile: apply again');
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new PamError('UNAVAILABLE', 'no worker took the update in time: does an allocation worker run?');
  if (error instanceof WorkflowUpdateFailedError) return new PamError('REJECTED', causeInWords(error));
  const known = coded(error);
  return known instanceof PamError ? known : new PamError('REJECTED', causeInWords(error));
}
