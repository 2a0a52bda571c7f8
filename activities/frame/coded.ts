/**
 * Makes PamErrors cross into Temporal with their code as the failure's type and the right answer on retrying. What an
 * error says is kept in histories and shown to many, so it is redacted here, causes included.
 */
import { ApplicationFailure, Context } from '@temporalio/activity';
import { PamError } from '../../core/errors';
import { redactText } from '../../core/text/redact';

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
      if (!(error instanceof PamError)) throw withoutSecrets(error);
      throw ApplicationFailure.create({
        message: redactText(error.message),
        type: error.code,
        nonRetryable: !error.retryable,
        ...(error.cause instanceof Error ? { cause: withoutSecrets(error.cause) } : {}),
      });
    }
  };
}

/** The same error, changed in place: its class decides what Temporal does with it. */
function withoutSecrets<Thrown>(thrown: Thrown, depth = 0): Thrown {
  if (typeof thrown !== 'object' || thrown === null || depth > 10) return thrown;
  const error = thrown as { message?: unknown; stack?: unknown; cause?: unknown };
  for (const field of ['message', 'stack'] as const) {
    const text = error[field];
    if (typeof text !== 'string') continue;
    const shown = redactText(text);
    if (shown !== text)
      Object.defineProperty(error, field, { value: shown, configurable: true, writable: true });
  }
  withoutSecrets(error.cause, depth + 1);
  return thrown;
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
