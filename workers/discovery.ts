/**
 * Discovery: tells the proxies what to route, from the database, and from its snapshot while that is gone. Loads neither
 * Temporal nor what decides, so it is small and up at once.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { runDiscovery } from '../adapters/envoy/discovery/runDiscovery';
import { openRoutingStore } from '../adapters/postgres/openRoutingStore';
import { discoveryAddress, discoveryFolder } from '../config/discoveryAddress';
import { loadConfig } from '../config/load';
import { requireOwn } from '../config/ownPath';
import type { Config } from '../config/schema';
import { PamError } from '../core/errors';
import { messageOf } from '../core/thrown';
import { processIdentity } from './identity';
import { announceReady, createLogger } from './logger';
import { keepFilesPrivate } from './process';
import { requireDatabaseUrl } from './requireDatabaseUrl';

/** Runs until SIGTERM or SIGINT. */
export async function discover(config: Config = loadConfig()): Promise<void> {
  keepFilesPrivate();
  const log = createLogger('discovery', config.log.level);
  const address = discoveryAddress(config);
  const folder = discoveryFolder(config);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socket = address.startsWith('unix:') ? address.slice('unix:'.length) : null;
  if (socket !== null) {
    mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
    requireOwn(dirname(socket), "the folder of discovery's socket");
    await removeStaleSocket(socket);
  }
  const store = openRoutingStore({
    url: requireDatabaseUrl(config),
    poolSize: 3,
    applicationName: 'pam-discovery',
    statementTimeoutMs: 10_000,
  });
  const discovery = await runDiscovery({
    store,
    id: processIdentity(),
    snapshotFile: join(folder, 'snapshot.json'),
    address,
    credentials: credentialsOf(config),
    log,
    now: Date.now,
  });
  if (socket !== null) chmodSync(socket, 0o600);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await Promise.race([discovery.ready.then(() => announceReady('discovery')), stopped]);
  await stopped;
  await discovery.close();
  await store.close();
}

function credentialsOf({ discovery: { tls } }: Config): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const read = (name: keyof typeof tls): Buffer => {
    try {
      return readFileSync(tls[name]);
    } catch (error) {
      throw new PamError(
        'INVALID_CONFIG',
        `discovery.tls.${name}: can't read ${tls[name]} (${messageOf(error)}): expected a file in PEM form`,
      );
    }
  };
  return ServerCredentials.createSsl(
    read('ca'),
    [{ cert_chain: read('cert'), private_key: read('key') }],
    true,
  );
}

/** A killed process leaves its socket; one that answers belongs to another process. */
async function removeStaleSocket(path: string): Promise<void> {
  const { connect } = await import('node:net');
  const answers = await new Promise<boolean>((resolve) => {
    const client = connect(path, () => {
      client.destroy();
      resolve(true);
    });
    client.once('error', () => resolve(false));
  });
  if (answers)
    throw new PamError(
      'CONFLICT',
      `another discovery process listens at ${path}: stop it, or set PAM_DISCOVERY_LISTEN (discovery.listen) to another address`,
    );
  rmSync(path, { force: true });
}

if (require.main === module)
  discover().then(
    () => process.exit(0),
    (error: unknown) => {
      createLogger('discovery', 'error').error(error, 'discovery failed');
      process.exit(70);
    },
  );
