/**
 * The discovery folder → the paths in it. `registry/` is what callers asked for: one small file per rule and node.
 * `live/` is what Envoy watches, rendered from the registry. Every write is an atomic rename.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface DiscoveryLayout {
  readonly root: string;
  readonly bootstrapFile: string;
  readonly rulesDir: string;
  readonly endpointsDir: string;
  /** Drafts: on the same file system as `live/`, and outside of what Envoy watches. */
  readonly stagingDir: string;
  readonly liveDir: string;
  readonly listenersFile: string;
  readonly routesFile: string;
  readonly clustersFile: string;
  readonly clusterEndpointsDir: string;
  /** Lock between processes that change the folder. */
  readonly lockPath: string;
}

export function discoveryLayout(discoveryDir: string): DiscoveryLayout {
  const root = resolve(discoveryDir);
  const liveDir = join(root, 'live');
  return {
    root,
    bootstrapFile: join(root, 'envoy.json'),
    rulesDir: join(root, 'registry', 'rules'),
    endpointsDir: join(root, 'registry', 'endpoints'),
    stagingDir: join(root, 'staging'),
    liveDir,
    listenersFile: join(liveDir, 'listeners.json'),
    routesFile: join(liveDir, 'routes.json'),
    clustersFile: join(liveDir, 'clusters.json'),
    clusterEndpointsDir: join(liveDir, 'endpoints'),
    lockPath: join(root, 'change'),
  };
}

/** Creates the folders that are missing. */
export function ensureLayout(layout: DiscoveryLayout): void {
  for (const dir of [layout.rulesDir, layout.endpointsDir, layout.stagingDir, layout.clusterEndpointsDir])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
}
