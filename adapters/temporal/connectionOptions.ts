/**
 * The configuration → how to reach Temporal. TLS, API keys and headers come from Temporal’s own environment configuration
 * (TEMPORAL_TLS_*, TEMPORAL_API_KEY, profiles in temporal.toml), for workers and the command line alike. PAM’s address
 * overrides it.
 */
import { type ClientConfigProfile, loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';

export interface TemporalAddress {
  /** host:port; absent: as Temporal's environment configuration says. */
  readonly address?: string | undefined;
  readonly namespace: string;
  /** Profile of temporal.toml; absent: its default one. */
  readonly profile?: string | undefined;
  /** false: plain text without a key, whatever the environment says: our own server on the loopback address. */
  readonly tls?: boolean | undefined;
}

/** Throws PamError INVALID_CONFIG, naming the file or variable. */
export function connectionOptions({ address, profile, tls }: TemporalAddress): NativeConnectionOptions {
  if (tls === false) return address === undefined ? {} : { address };
  try {
    const loaded = loadClientConfigProfile({
      overrideEnvVars: setVariables(),
      ...(profile === undefined ? {} : { profile }),
    });
    checkPair(loaded);
    const { connectionOptions: options } = toClientOptions(loaded);
    return address === undefined ? options : { ...options, address };
  } catch (error) {
    if (error instanceof PamError) throw error;
    throw new PamError(
      'INVALID_CONFIG',
      `Temporal's environment configuration: ${messageOf(error)}; see docs/access.md`,
    );
  }
}

/** An empty variable counts as unset, as with PAM's own. */
function setVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

/** Temporal's library drops half of a pair without a word. */
function checkPair({ tls }: ClientConfigProfile): void {
  const [has, lacks] =
    tls?.clientCert === undefined
      ? ['TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_CLIENT_CERT_PATH']
      : ['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'];
  if ((tls?.clientCert === undefined) !== (tls?.clientKey === undefined))
    throw new PamError(
      'INVALID_CONFIG',
      `${has} is set without ${lacks}: a client certificate needs its key`,
    );
}
