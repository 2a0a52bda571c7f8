/** Makes PamErrors cross into Temporal with their code as the failure's type and the right answer on retrying. */
import { ApplicationFailure, Context } from '@temporalio/activity';
import { PamError } from '../../core/errors';

type Activity<Input, Output> = (input: Input) => Promise<Output>;

/**
 * Wraps an activity: a PamError becomes an ApplicationFailure of that code (retryable or not as the catalogue says),
 * anything else passes through and is retried by the policy of its caller.
 */
export function coded<Input, Output>(activity: Activity<Input, Output>): Activity<Input, Output> {
  return async (input) => {
    try {
      return await activity(input);
    } catch (error) {
      if (!(error instanceof PamError)) throw error;
      throw ApplicationFailure.create({
        message: error.message,
        type: error.code,
        nonRetryable: !error.retryable,
        ...(error.cause instanceof Error ? { cause: error.cause } : {}),
      });
    }
  };
}

/** Heartbeats every `everyMs` while `work` runs, with the latest word of progress as details. */
export async function withHeartbeat<T>(
  everyMs: number,
  work: (call: { signal: AbortSignal; progress: (message: string) => void }) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let latest = 'started';
  const timer = setInterval(() => context.heartbeat(latest), everyMs);
  try {
    return await work({
      signal: context.cancellationSignal,
      progress: (message) => {
        latest = message;
        context.heartbeat(message);
      },
    });
  } finally {
    clearInterval(timer);
  }
}
