/** A start’s context → a running Envoy that PAM’s discovery feeds. */
import { dirname, join } from 'node:path';
import { request } from 'undici';
import { writeBootstrap } from '../adapters/envoy';
import { discoveryFolder } from '../config/discoveryAddress';
import { PamError } from '../core/errors';
import type { Installation } from './installation';
import { findPort, portOf } from './servers/ports';
import { startProcess, waitUntilReady } from './servers/process';
import type { StartContext } from './startContext';
import { markedEnvironment } from './startedBy';
import { findTool } from './tools/findTool';

export async function provideEnvoy(context: StartContext, discovery: string): Promise<Installation['envoy']> {
  const { adminUrl, listenHost, listenPort } = context.config.envoy;
  if (adminUrl !== undefined) return useExisting(context, adminUrl);
  const before = context.previous?.envoy;
  const kept = before?.binary ? before : null;
  const running = context.running('envoy');
  const sameEntry = kept?.listenUrl.startsWith(`http://${bracketed(listenHost)}:`) === true;
  const samePort = listenPort === 0 || portOf(kept?.listenUrl) === listenPort;
  if (running !== null && kept !== null && sameEntry && samePort) {
    context.report(`envoy: already runs, requests enter at ${kept.listenUrl}`);
    return kept;
  }
  if (running !== null) await context.replace(running);
  const binary = await findTool('envoy', context.report);
  const port = await entryPort(listenHost, listenPort, portOf(kept?.listenUrl));
  const adminPort = await findPort(portOf(kept?.adminUrl));
  const { tls } = context.config.discovery;
  const bootstrap = writeBootstrap(join(discoveryFolder(context.config), 'envoy.json'), {
    discovery,
    ...(tls === undefined ? {} : { tls }),
    admin: { host: '127.0.0.1', port: adminPort },
    listen: { host: listenHost, port },
  });
  context.report('envoy: starting the proxy');
  const record = await startProcess({
    name: 'envoy',
    command: binary,
    args: [
      ...['-c', bootstrap, '--concurrency', '1', '--log-level', 'warning'],
      // Hot restart would share memory under an id; two proxies on one machine must not share it.
      ...['--disable-hot-restart', '--drain-time-s', '5', '--drain-strategy', 'immediate'],
    ],
    log: join(context.stateDir, 'logs', 'envoy.log'),
    cwd: dirname(bootstrap),
    env: markedEnvironment(context.stateDir, process.env),
  });
  context.started(record);
  const admin = `http://127.0.0.1:${adminPort}`;
  await waitUntilReady(record, () => isLive(admin), 30_000, context.signal);
  return { adminUrl: admin, listenUrl: `http://${bracketed(listenHost)}:${port}`, binary };
}

/** Whether the proxy behind that admin interface serves requests. */
async function isLive(adminUrl: string): Promise<boolean> {
  const { statusCode, body } = await request(new URL('/ready', adminUrl), {
    headersTimeout: 2_000,
    bodyTimeout: 2_000,
  });
  await body.dump();
  return statusCode === 200;
}

async function entryPort(host: string, wanted: number, before: number): Promise<number> {
  const port = await findPort(wanted === 0 ? before : wanted, host);
  if (wanted !== 0 && port !== wanted)
    throw new PamError(
      'CONFLICT',
      `port ${wanted} of ${host} is taken: free it, or set PAM_LISTEN_PORT (envoy.listenPort) to another, 0 for any`,
    );
  return port;
}

async function useExisting(
  { config, report }: StartContext,
  adminUrl: string,
): Promise<Installation['envoy']> {
  const { listenHost, listenPort } = config.envoy;
  report(`envoy: using the existing proxy with its admin interface at ${adminUrl}`);
  if (listenPort === 0)
    throw new PamError(
      'INVALID_CONFIG',
      'PAM_LISTEN_PORT (envoy.listenPort): expected the port at which requests enter the existing proxy, with ENVOY_ADMIN_URL',
    );
  if (!(await isLive(adminUrl).catch(() => false)))
    throw new PamError(
      'UNAVAILABLE',
      `Envoy's admin interface does not answer at ${adminUrl}/ready: check ENVOY_ADMIN_URL (envoy.adminUrl), or unset it for an embedded one`,
    );
  const listenUrl = `http://${bracketed(listenHost)}:${listenPort}`;
  return { adminUrl, listenUrl, binary: null };
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
