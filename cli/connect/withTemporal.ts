/**
 * The configuration → a connection to Temporal, bounded in time. A failure becomes a message for people, never a stack
 * trace.
 */
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
} from '@temporalio/client';
import { connectTemporal, type TemporalClient } from '../../adapters/temporal/connect';
import { loadConfig } from '../../config/load';
import type { Config } from '../../config/schema';
import { PamError } from '../../core/errors';
import { withInstallation } from '../../installation/runningConfig';

/** Longest wait for a connection, and for one answer of the server, ms. */
const connectMs = 5_000;
export const answerMs = 10_000;

export interface TemporalSession extends TemporalClient {
  readonly config: Config;
}

/**
 * Connects, works, closes. An error of the server becomes a PamError that names the server: UNAVAILABLE if it does not
 * answer, DENIED, NOT_FOUND (the namespace), REJECTED.
 */
export async function withTemporal<Result>(
  configFile: string | undefined,
  work: (session: TemporalSession) => Promise<Result>,
): Promise<Result> {
  const config = withInstallation(loadConfig({ file: configFile }));
  const connected = await connectTemporal(config.temporal, connectMs);
  try {
    return await work({ ...connected, config });
  } catch (error) {
    throw temporalError(
      error,
      config.temporal.address ?? 'the configured address',
      config.temporal.namespace,
    );
  } finally {
    await connected.close().catch(() => undefined);
  }
}

/** The PamError for what the client throws if the server fails; other errors stay as they are. */
export function temporalError(error: unknown, address: string, namespace: string): unknown {
  if (error instanceof PamError) return error;
  const cause = error instanceof ServiceError ? (error.cause ?? error) : error;
  if (isGrpcDeadlineError(cause) || isGrpcCancelledError(cause))
    return new PamError('UNAVAILABLE', `Temporal at ${address} took too long to answer`, { cause });
  if (!isGrpcServiceError(cause)) return error;
  const said = cause.details || cause.message;
  // Numbers of gRPC's status codes: https://grpc.io/docs/guides/status-codes/
  switch (cause.code) {
    case 5:
      return new PamError('NOT_FOUND', `Temporal at ${address}, namespace "${namespace}": ${said}`, {
        cause,
      });
    case 7:
    case 16:
      return new PamError('DENIED', `Temporal at ${address} denies it: ${said}`, { cause });
    case 8:
    case 14:
      return new PamError('UNAVAILABLE', `Temporal at ${address} does not answer: ${said}`, { cause });
    default:
      return new PamError('REJECTED', `Temporal at ${address} refuses: ${said}`, { cause });
  }
}
