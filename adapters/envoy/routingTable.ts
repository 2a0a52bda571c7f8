/**
 * A rule or endpoint → Envoy’s discovery files. Registry and files change under a lock between processes; then the
 * proxy is watched until it has taken the change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../core/errors';
import { matchKey } from '../../core/routing/precedence';
import { describeMatch, type RoutingRule } from '../../core/routing/rule';
import type { Endpoint, EndpointHealth, RoutingTable } from '../../ports/routingTable';
import { withFileLock } from '../files/fileLock';
import { AdminUnavailable, createEnvoyAdmin, type EnvoyAdmin, type HostStatus } from './adminClient';
import { type DiscoveryLayout, discoveryLayout, ensureLayout } from './layout';
import { deleteEndpoint, deleteRule, readEndpoints, readRules, writeEndpoint, writeRule } from './registry';
import {
  defaultRenderOptions,
  type RenderOptions,
  renderClusters,
  renderEndpoints,
  renderRoutes,
} from './render';
import { categoryStat, clusterOf } from './statNames';

export interface EnvoyRoutingOptions {
  readonly discoveryDir: string;
  readonly adminUrl: string;
  readonly render?: RenderOptions;
}

/** Longest wait until the proxy takes a change, ms. Usually it takes some ms. */
const takenWithinMs = 2_000;
const pollMs = 10;

export function createEnvoyRoutingTable(
  options: EnvoyRoutingOptions,
): RoutingTable & { close(): Promise<void> } {
  const layout = discoveryLayout(options.discoveryDir);
  const render = options.render ?? defaultRenderOptions;
  const admin = createEnvoyAdmin(options.adminUrl);
  ensureLayout(layout);
  const change = createTurns(layout);

  return {
    putRule: (rule) =>
      change(async () => {
        refuseSharedMatch(layout, rule);
        const before = readRules(layout).find(({ category }) => category === rule.category);
        writeRule(layout, rule);
        renderEndpoints(layout);
        // A route to a cluster that is still warming up would answer 503: the cluster first.
        if (renderClusters(layout, render))
          await taken(admin, async () => (await admin.activeClusters()).has(clusterOf(rule.category)));
        try {
          if (renderRoutes(layout, render))
            await taken(admin, async () => (await admin.activeRoutes()).has(categoryStat(rule.category)));
        } catch (error) {
          // A rule that Envoy refuses must not block the others.
          if (before === undefined) deleteRule(layout, rule.category);
          else writeRule(layout, before);
          renderRoutes(layout, render);
          throw error;
        }
      }),
    removeRule: (category) =>
      change(async () => {
        if (!deleteRule(layout, category)) return;
        if (renderRoutes(layout, render))
          await taken(admin, async () => !(await admin.activeRoutes()).has(categoryStat(category)));
        renderClusters(layout, render);
      }),
    putEndpoint: (pool, endpoint) =>
      change(async () => {
        writeEndpoint(layout, pool, endpoint);
        const changed = renderEndpoints(layout);
        if (renderClusters(layout, render) || changed)
          await taken(admin, async () => (await statusOf(admin, pool, endpoint)) !== null);
      }),
    removeEndpoint: (pool, endpointId) =>
      change(async () => {
        const endpoint = readEndpoints(layout, pool).find(({ id }) => id === endpointId);
        if (endpoint === undefined || !deleteEndpoint(layout, pool, endpointId)) return;
        const changed = renderEndpoints(layout);
        if (renderClusters(layout, render) || changed)
          await taken(admin, async () => (await statusOf(admin, pool, endpoint)) === null);
      }),
    endpoints: async (pool) => readEndpoints(layout, pool),
    health: async (pool) => {
      const hosts = await admin.hosts();
      return new Map(
        readEndpoints(layout, pool).map((endpoint): [string, EndpointHealth] => [
          endpoint.id,
          healthOf(find(hosts, pool, endpoint)),
        ]),
      );
    },
    close: () => admin.close(),
  };
}

function healthOf(status: HostStatus | null): EndpointHealth {
  if (status === null || status.pending) return 'pending';
  return status.healthy ? 'healthy' : 'unhealthy';
}

async function statusOf(admin: EnvoyAdmin, pool: string, endpoint: Endpoint): Promise<HostStatus | null> {
  return find(await admin.hosts(), pool, endpoint);
}

function find(
  hosts: ReadonlyMap<string, readonly HostStatus[]>,
  pool: string,
  { host, port }: Endpoint,
): HostStatus | null {
  return hosts.get(clusterOf(pool))?.find((status) => status.host === host && status.port === port) ?? null;
}

/**
 * Waits until the proxy has taken the change. If the proxy does not answer, nothing is waited for: it reads the files
 * when it starts. Throws PamError REJECTED if Envoy refused the files.
 */
async function taken(admin: EnvoyAdmin, isTaken: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + takenWithinMs;
  try {
    const rejectedBefore = await admin.rejectedUpdates();
    while (!(await isTaken())) {
      if ((await admin.rejectedUpdates()) > rejectedBefore)
        throw new PamError('REJECTED', 'Envoy refused the update of its discovery files; its log says why');
      if (Date.now() > deadline)
        throw new PamError(
          'UNAVAILABLE',
          `Envoy has not taken a change of its discovery files within ${takenWithinMs} ms; does it watch this folder?`,
        );
      await sleep(pollMs);
    }
  } catch (error) {
    if (error instanceof AdminUnavailable) return;
    throw error;
  }
}

/** Of two categories with the same match one would silently get no requests. */
function refuseSharedMatch(layout: DiscoveryLayout, rule: RoutingRule): void {
  const key = matchKey(rule.match);
  const other = readRules(layout).find(
    ({ category, match }) => category !== rule.category && matchKey(match) === key,
  );
  if (other !== undefined)
    throw new PamError(
      'REJECTED',
      `match of "${rule.category}" (${describeMatch(rule.match)}) is that of "${other.category}": expected a different one, since a request goes to one category`,
    );
}

/** One change at a time: in this process by a queue, between processes by a lock on the discovery folder. */
function createTurns(layout: DiscoveryLayout): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  const locked = (work: () => Promise<void>) =>
    withFileLock(
      layout.lockPath,
      { staleMs: 10_000, waitMs: 10_000, retryEveryMs: 25, conflict: (cause) => beingChanged(layout, cause) },
      work,
    );
  return (work) => {
    const turn = last.then(() => locked(work));
    last = turn.catch(() => undefined);
    return turn;
  };
}

function beingChanged({ root }: DiscoveryLayout, cause: unknown): PamError {
  return new PamError('CONFLICT', `another process is changing Envoy's discovery folder ${root}; try again`, {
    cause,
  });
}
