/** The configuration → a connection to Temporal for a client or a worker, or the reason in words why there is none. */
import { Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';
import { actorOf } from './actor';
import { connectionOptions, type TemporalAddress } from './connectionOptions';
import { dataConverter, type Encryption } from './encryption/dataConverter';
import { probe } from './probe';

export { connectionOptions, type TemporalAddress };

export interface TemporalSettings extends TemporalAddress {
  /** Keys of payloads; absent: they are not encrypted. */
  readonly encryption?: Encryption | undefined;
}

export interface TemporalClient {
  readonly client: Client;
  close(): Promise<void>;
}

/**
 * Throws PamError UNAVAILABLE, naming the address, when nothing answers there within `timeoutMs`; DENIED if the server or
 * we refuse a certificate or a key; INVALID_CONFIG.
 */
export async function connectTemporal(where: TemporalSettings, timeoutMs = 10_000): Promise<TemporalClient> {
  const options = connectionOptions(where);
  const converter = dataConverter(where.encryption);
  const place = options.address ?? 'localhost:7233';
  // With TLS most failures are wrong certificates: found here at once, and not after the client's time-out.
  if (options.tls && !throughProxy()) await refuseUnreachable(options, place, timeoutMs);
  try {
    const connection = await Connection.connect({
      ...options,
      connectTimeout: timeoutMs,
    } as Parameters<typeof Connection.connect>[0]);
    const { namespace } = where;
    return {
      client: new Client({
        connection,
        namespace,
        identity: actorOf(),
        ...(converter === null ? {} : { dataConverter: converter }),
      }),
      close: () => connection.close(),
    };
  } catch (error) {
    throw await explained(error, options, place, timeoutMs);
  }
}

/** The same for a worker, whose own client says less of what went wrong. */
export async function connectWorker(where: TemporalSettings, timeoutMs = 10_000): Promise<NativeConnection> {
  const first = await connectTemporal(where, timeoutMs);
  await first.close();
  const options = connectionOptions(where);
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    throw await explained(error, options, options.address ?? 'localhost:7233', timeoutMs);
  }
}

/** The client connects through it, which the probe does not. */
function throughProxy(): boolean {
  const variables = ['grpc_proxy', 'https_proxy', 'http_proxy'];
  return variables.some((name) => process.env[name] || process.env[name.toUpperCase()]);
}

async function refuseUnreachable(
  options: NativeConnectionOptions,
  place: string,
  timeoutMs: number,
): Promise<void> {
  const found = await probe(options, Math.min(timeoutMs, 5_000));
  if (found !== null) throw unreachable(place, found.code, found.why);
}

function unreachable(place: string, code: PamError['code'], why: string, cause?: unknown): PamError {
  const advice =
    code === 'UNAVAILABLE'
      ? 'start it with "pam up", or set TEMPORAL_ADDRESS'
      : 'docs/access.md says how to set it up';
  return new PamError(code, `Temporal does not answer at ${place}: ${why}; ${advice}`, { cause });
}

async function explained(
  error: unknown,
  options: NativeConnectionOptions,
  place: string,
  timeoutMs: number,
): Promise<PamError> {
  const cause = error instanceof ServiceError ? (error.cause ?? error) : error;
  // Numbers of gRPC's status codes: 7 PERMISSION_DENIED, 16 UNAUTHENTICATED.
  if (isGrpcServiceError(cause) && (cause.code === 7 || cause.code === 16))
    return new PamError(
      'DENIED',
      `Temporal at ${place} refuses the ${options.apiKey ? 'API key' : 'caller'}: ${cause.details || cause.message}; check TEMPORAL_API_KEY, TEMPORAL_TLS_* and the namespace (docs/access.md)`,
      { cause },
    );
  const found = throughProxy() ? null : await probe(options, Math.min(timeoutMs, 2_000));
  if (found !== null) return unreachable(place, found.code, found.why, error);
  return unreachable(place, 'UNAVAILABLE', messageOf(cause), error);
}
