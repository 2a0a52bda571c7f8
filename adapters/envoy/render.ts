/**
 * The registry → the discovery files that Envoy watches. Only files whose content changed are replaced, so an update
 * touches as little of the proxy as possible.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files/replaceFile';
import {
  clusterResource,
  endpointResources,
  type HealthCheckTiming,
  type PoolEndpoints,
} from './clusterResources';
import type { DiscoveryLayout } from './layout';
import { poolNames, readEndpoints, readRules } from './registry';
import { routeResources } from './routeResources';

export interface RenderOptions {
  readonly timing: HealthCheckTiming;
  /** Longest time for one request, ms. */
  readonly requestTimeoutMs: number;
}

export const defaultRenderOptions: RenderOptions = {
  timing: { intervalMs: 1_000, unhealthyIntervalMs: 250, timeoutMs: 1_000, failures: 2 },
  requestTimeoutMs: 60_000,
};

const poolsOf = (layout: DiscoveryLayout): PoolEndpoints[] =>
  poolNames(layout).map((pool) => ({ pool, endpoints: readEndpoints(layout, pool) }));

const endpointsFile = (layout: DiscoveryLayout, pool: string): string =>
  join(layout.clusterEndpointsDir, `${pool}.json`);

/** Endpoints of every pool; true when a file changed. */
export function renderEndpoints(layout: DiscoveryLayout): boolean {
  return poolsOf(layout)
    .map((pool) => {
      const resources = endpointResources(pool);
      return resources !== null && renderFile(layout, endpointsFile(layout, pool.pool), resources);
    })
    .includes(true);
}

export function renderClusters(layout: DiscoveryLayout, { timing }: RenderOptions): boolean {
  const resources = poolsOf(layout).map((pool) =>
    clusterResource(pool, timing, endpointsFile(layout, pool.pool)),
  );
  return renderFile(layout, layout.clustersFile, resources);
}

export function renderRoutes(layout: DiscoveryLayout, { requestTimeoutMs }: RenderOptions): boolean {
  return renderFile(layout, layout.routesFile, routeResources(readRules(layout), requestTimeoutMs));
}

/** Writes the file if its resources differ from what it holds; the version counts up. */
export function renderFile(layout: DiscoveryLayout, file: string, resources: readonly unknown[]): boolean {
  const before = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { version_info: string; resources: unknown[] })
    : null;
  if (before !== null && JSON.stringify(before.resources) === JSON.stringify(resources)) return false;
  const version = before === null ? 1 : Number(before.version_info) + 1;
  replaceFile(file, `${JSON.stringify({ version_info: String(version), resources }, null, 1)}\n`, {
    draftDir: layout.stagingDir,
  });
  return true;
}
