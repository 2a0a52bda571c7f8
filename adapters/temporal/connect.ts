/**
 * The configuration → a connection to Temporal. TLS, API keys and headers come from Temporal’s own environment
 * configuration (TEMPORAL_TLS_*, TEMPORAL_API_KEY, temporal.toml). PAM’s address and namespace override it.
 */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { PamError } from '../../core/errors';

export interface TemporalAddress {
  /** host:port; absent: as Temporal's environment configuration says. */
  readonly address?: string | undefined;
  readonly namespace: string;
}

export function connectionOptions({ address }: TemporalAddress): NativeConnectionOptions {
  const { connectionOptions } = loadClientConnectConfig();
  return address === undefined ? connectionOptions : { ...connectionOptions, address };
}

export interface TemporalClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** Throws PamError UNAVAILABLE, naming the address, when nothing answers there within `timeoutMs`. */
export async function connectTemporal(where: TemporalAddress, timeoutMs = 10_000): Promise<TemporalClient> {
  const options = connectionOptions(where);
  const connection = Connection.lazy({
    ...options,
    connectTimeout: timeoutMs,
  } as Parameters<typeof Connection.lazy>[0]);
  try {
    await connection.ensureConnected();
    return {
      client: new Client({ connection, namespace: where.namespace }),
      close: () => connection.close(),
    };
  } catch (error) {
    // It would go on trying, and keep the process alive.
    await connection.close().catch(() => undefined);
    throw new PamError(
      'UNAVAILABLE',
      `Temporal does not answer at ${options.address ?? 'localhost:7233'}: start it with "pam up", or set TEMPORAL_ADDRESS`,
      { cause: error },
    );
  }
}
