/**
 * Allocation worker: serves `allocateCategory` and its activities. One of all that run also collects what Envoy measures,
 * looks after the shared pool and deletes what is older than it is kept for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createAllocationActivities } from '../activities/createActivities';
import { createCollector, createDemandSources } from '../adapters/demand';
import { createEnvoyAdmin, createEnvoyRoutingTable } from '../adapters/envoy';
import { checkProviderSettings, openNodePool, refusedNodeSettings } from '../adapters/nodes';
import { type Database, openDatabase } from '../adapters/postgres';
import { connectWorker } from '../adapters/temporal/connect';
import { loadConfig } from '../config/load';
import { policyOf } from '../config/policy';
import type { Config } from '../config/schema';
import { PamError } from '../core/errors';
import { findTool } from '../installation/tools/findTool';
import { workerCoding } from './bundle';
import { startHeartbeat } from './heartbeat';
import { processIdentity } from './identity';
import { leadOrFollow } from './leadership';
import { announceReady, createLogger } from './logger';
import { measureMeanwhile } from './measureMeanwhile';
import { endWith, keepFilesPrivate, runUntilSignal } from './process';
import { requireDatabaseUrl } from './requireDatabaseUrl';
import { sharedPoolTask } from './sharedPool';
import { logTemporalTo } from './temporalLog';

const pruneEveryMs = 3_600_000;

async function main(): Promise<void> {
  keepFilesPrivate();
  const config = loadConfig();
  const logger = createLogger('allocation', config.log.level);
  logTemporalTo(logger);
  const adminUrl = requireAdminUrl(config);
  const database = await openDatabase({
    url: requireDatabaseUrl(config),
    poolSize: config.database.poolSize,
  });
  const holder = processIdentity();
  const admin = createEnvoyAdmin(adminUrl);
  const routing = createEnvoyRoutingTable({ store: database.routes, adminUrl });
  const policy = policyOf(config);
  const pool = await openNodePool({
    policy,
    stateDir: config.stateDir,
    pulumiBinary: await findTool('pulumi', (line) => logger.info(line)),
    ...(config.pulumi.backendUrl === undefined ? {} : { backendUrl: config.pulumi.backendUrl }),
    ...database,
    holder,
    routing,
    nodeUser: config.nodes.local.user,
    nodeFolder: config.nodes.local.folder,
    onRefused: (why) => logger.warn(why),
    warn: (what) => logger.warn(what),
    now: Date.now,
    report: (line) => logger.warn(line),
  });
  const demandSources = createDemandSources({ admin, samples: database.samples, routing, now: Date.now });
  // Made anew each time this worker leads: what it remembers is out of date once another has led.
  const collect = (signal: AbortSignal): Promise<void> =>
    createCollector({
      sources: demandSources,
      categories: database.categories,
      demand: database.demand,
      onFailure: (error) => logger.warn(error, 'collecting failed; trying again'),
      now: Date.now,
    }).run(signal);
  const connection = await connectWorker(config.temporal);
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: config.temporal.taskQueue,
    ...workerCoding(config.temporal.encryption),
    activities: createAllocationActivities({
      ...{ ...database, pool, checkProviderSettings, demandSources, policy },
      refusedNodeSettings: (settings) => refusedNodeSettings(settings, policy),
      now: Date.now,
    }),
    shutdownGraceTime: '20s',
  });

  const background = new AbortController();
  const leading = { leases: database.leases, holder, logger };
  const sharedPool = sharedPoolTask({ config, pool, routing, logger });
  const tasks = [
    sharedPool,
    { name: 'collector', run: collect, beside: measureMeanwhile(demandSources, logger) },
    { name: 'prune', run: (signal: AbortSignal) => pruneRegularly(config, database, logger, signal) },
  ].map((task) => leadOrFollow(leading, task, background.signal));
  const { taskQueue } = config.temporal;
  const signs = { store: database.workers, identity: holder, kind: 'allocation', taskQueue, logger };
  // Its trouble is not that of the categories: they are looked after, and it is tried again.
  await sharedPool.inPlace.catch((error: unknown) =>
    logger.error(
      error,
      'the shared pool is not in place: requests that match no category are not served yet',
    ),
  );
  const heartbeat = await startHeartbeat(signs, background.signal);
  announceReady('allocation');
  await runUntilSignal([worker], logger);
  background.abort();
  await Promise.allSettled([...tasks, heartbeat.stopped]);
  await pool.close();
  await Promise.all([routing.close(), admin.close()]);
  await connection.close();
  await database.close();
}

function requireAdminUrl({ envoy }: Config): string {
  if (envoy.adminUrl === undefined)
    throw new PamError(
      'INVALID_CONFIG',
      'ENVOY_ADMIN_URL: expected http://host:port of the proxy\'s admin interface; "pam up" sets it for the workers that it starts',
    );
  return envoy.adminUrl;
}

async function pruneRegularly(
  { retention }: Config,
  database: Database,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await database
      .prune(retention, Date.now())
      .catch((error: unknown) => logger.warn(error, 'old rows could not be deleted; trying again later'));
    await sleep(pruneEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

main().catch((error: unknown) => endWith('allocation', error));
