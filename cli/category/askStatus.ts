/** A category’s name → its answer to the `status` query, or why there is none, within a bounded time. */
import {
  type Client,
  isGrpcCancelledError,
  isGrpcDeadlineError,
  QueryNotRegisteredError,
  QueryRejectedError,
  ServiceError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { messageOf } from '../../core/thrown';
import { durationInWords } from '../../core/time/durationWords';
import { type CategoryStatus, categoryWorkflowId, queries } from '../../workflows/contracts';

/** A running worker answers within milliseconds, or within a second or two if it must replay the workflow first. */
const statusPatienceMs = 4_000;

export type StatusAnswer =
  | { readonly kind: 'answered'; readonly status: CategoryStatus }
  /** The workflow runs, but no worker answers for it. */
  | { readonly kind: 'silent'; readonly why: string }
  /** There is no such workflow, or it has ended. */
  | { readonly kind: 'absent' };

/** Throws only if Temporal itself fails. */
export async function askStatus(
  client: Client,
  category: string,
  patienceMs = statusPatienceMs,
): Promise<StatusAnswer> {
  try {
    const status = await client.withDeadline(Date.now() + patienceMs, () =>
      client.workflow.getHandle(categoryWorkflowId(category)).query(queries.status),
    );
    return { kind: 'answered', status };
  } catch (error) {
    return unanswered(error, patienceMs);
  }
}

function unanswered(error: unknown, patienceMs: number): StatusAnswer {
  if (error instanceof WorkflowNotFoundError || error instanceof QueryRejectedError)
    return { kind: 'absent' };
  const cause = error instanceof ServiceError ? (error.cause ?? error) : error;
  // At the deadline either side may give up first.
  if (isGrpcDeadlineError(cause) || isGrpcCancelledError(cause))
    return {
      kind: 'silent',
      why: `no answer within ${durationInWords(patienceMs)}: does an allocation worker run? See "pam status"; "pam up" starts it`,
    };
  // The server's own words when nobody polls the task queue, and when the worker could not replay the workflow.
  if (error instanceof QueryNotRegisteredError || /no poller|workflow task/i.test(String(cause)))
    return { kind: 'silent', why: `no worker answers: ${messageOf(cause)}` };
  throw error;
}
