/** A start’s context and the addresses → two worker processes that are ready. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { projectRoot } from '../config/projectRoot';
import type { Installation } from './installation';
import { startScript } from './servers/startScript';
import type { StartContext, StartOptions } from './startContext';
import { markedEnvironment } from './startedBy';

const workers = [
  { name: 'allocation worker', entry: 'allocation' },
  { name: 'training worker', entry: 'training' },
] as const;

/**
 * Starts workers that do not run, and restarts those with other settings. Resolves to a fingerprint of their settings
 * once both have said that they are ready.
 */
export async function provideWorkers(
  context: StartContext,
  installation: Installation,
  { configFile, workers: folder }: StartOptions,
): Promise<string> {
  const settings = workerEnvironment(context, installation, configFile ?? null);
  const scripts = folder ?? join(projectRoot(), 'dist', 'workers');
  const fingerprint = createHash('sha256')
    // Workers read the policy from the file, once.
    .update(JSON.stringify([settings, context.config.policy]))
    .digest('hex')
    .slice(0, 16);
  // If one fails, the failure is reported only after the start of the other has ended.
  const failure = new AbortController();
  const signal = AbortSignal.any([failure.signal, ...(context.signal === undefined ? [] : [context.signal])]);
  const outcomes = await Promise.allSettled(
    workers.map(async ({ name, entry }) => {
      const running = context.running(name);
      if (running !== null && installation.workersFingerprint === fingerprint) {
        context.report(`${name}: already runs`);
        return;
      }
      if (running !== null) {
        context.report(`${name}: its settings changed, replacing it`);
        await context.replace(running);
      }
      await startWorker({ ...context, signal }, name, join(scripts, `${entry}.js`), settings).catch(
        (error) => {
          failure.abort(error);
          throw error;
        },
      );
    }),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failure.signal.reason ?? failed.reason;
  return fingerprint;
}

async function startWorker(
  context: StartContext,
  name: string,
  script: string,
  settings: NodeJS.ProcessEnv,
): Promise<void> {
  context.report(`${name}: starting`);
  await startScript({
    name,
    script,
    log: join(context.stateDir, 'logs', `${basename(script, '.js')}.log`),
    env: markedEnvironment(context.stateDir, { ...process.env, ...settings }),
    started: context.started,
    readyWithinMs: 60_000,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
}

/** The addresses, by the environment variables from which every process of PAM reads them. */
function workerEnvironment(
  { config, stateDir }: StartContext,
  { temporal, database, envoy, pulumi }: Installation,
  configFile: string | null,
): Record<string, string> {
  const [listenHost, listenPort] = [config.envoy.listenHost, String(new URL(envoy.listenUrl).port || 80)];
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    // Our own server has no TLS; of another, changed keys and certificates mean a restart.
    ...(temporal.uiUrl === null ? temporalAccess() : { PAM_TEMPORAL_TLS: 'false' }),
    PAM_TASK_QUEUE: config.temporal.taskQueue,
    DATABASE_URL: database.url,
    ENVOY_ADMIN_URL: envoy.adminUrl,
    PAM_LISTEN_HOST: listenHost,
    PAM_LISTEN_PORT: listenPort,
    PAM_STATE: stateDir,
    PAM_PULUMI: pulumi.binary,
    PULUMI_BACKEND_URL: pulumi.backendUrl,
    PAM_LOG_LEVEL: config.log.level,
    PAM_NODE_USER: config.nodes.local.user,
    PAM_NODE_FOLDER: config.nodes.local.folder,
    PAM_SHARED_ENDPOINTS: config.sharedPool.endpoints.join(','),
    ...(configFile === null ? {} : { PAM_CONFIG: configFile }),
  };
}

function temporalAccess(): Record<string, string> {
  const own = /^TEMPORAL_(?!ADDRESS$|NAMESPACE$)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => own.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}
