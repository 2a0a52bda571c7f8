/** A start’s context and the database → the running process that tells Envoy what to route. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { discoveryAddress, discoveryFolder } from '../config/discoveryAddress';
import { projectRoot } from '../config/projectRoot';
import type { Installation } from './installation';
import { startScript } from './servers/startScript';
import type { StartContext, StartOptions } from './startContext';
import { markedEnvironment } from './startedBy';

const nowhere = { address: '', fingerprint: '' };

/** With an existing proxy it is started only if the settings say where it is to listen: another machine may have it. */
export async function provideDiscovery(
  context: StartContext,
  databaseUrl: string,
  { configFile }: StartOptions,
): Promise<Installation['discovery']> {
  const { config, stateDir } = context;
  if (config.envoy.adminUrl !== undefined && config.discovery.listen === undefined) return nowhere;
  const address = discoveryAddress(config);
  const folder = discoveryFolder(config);
  const settings = {
    DATABASE_URL: databaseUrl,
    PAM_STATE: stateDir,
    PAM_DISCOVERY_DIR: folder,
    PAM_DISCOVERY_LISTEN: address,
    PAM_LOG_LEVEL: config.log.level,
    ...(configFile === null || configFile === undefined ? {} : { PAM_CONFIG: configFile }),
  };
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([settings, config.discovery]))
    .digest('hex')
    .slice(0, 16);
  const running = context.running('discovery');
  if (running !== null && context.previous?.discovery.fingerprint === fingerprint) {
    context.report('discovery: already runs');
    return { address, fingerprint };
  }
  if (running !== null) await context.replace(running);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  context.report('discovery: starting');
  await startScript({
    name: 'discovery',
    script: join(projectRoot(), 'dist', 'workers', 'discovery.js'),
    log: join(stateDir, 'logs', 'discovery.log'),
    env: markedEnvironment(stateDir, { ...process.env, ...settings }),
    started: context.started,
    readyWithinMs: 30_000,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  return { address, fingerprint };
}
