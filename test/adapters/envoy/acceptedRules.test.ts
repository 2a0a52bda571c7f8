/**
 * Whatever the settings of a category accept, the real Envoy accepts: one configuration with a few hundred generated rules
 * and pools. One that Envoy refuses would cost all categories their routes.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { clusterResource, endpointResources } from '../../../adapters/envoy/clusterResources';
import { defaultRenderOptions } from '../../../adapters/envoy/render';
import { routeResources } from '../../../adapters/envoy/routeResources';
import { healthPath, hostAndPort, matchablePath } from '../../../core/routing/grammar';
import { type RoutingRule, routingMatch } from '../../../core/routing/rule';
import type { Endpoint } from '../../../ports/routingTable';
import { requiredTool } from '../../support/nodeStage';

const folder = mkdtempSync(join(tmpdir(), 'pam-rules-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Texts near a grammar's edge; those that it refuses are left out, the others are what a person could write. */
const near = (start: string, letters: string, schema: { safeParse(value: unknown): { success: boolean } }) =>
  fc
    .array(fc.constantFrom(...letters, '%20', '%C3%A4', '..', '//', ':8080'), { maxLength: 40 })
    .map((parts) => `${start}${parts.join('')}`)
    .filter((text) => schema.safeParse(text).success);

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
const paths = near('/', printable, matchablePath);
const match = fc
  .oneof(
    paths.map((pathPrefix) => ({ pathPrefix })),
    near('a', 'abcZ019.-', hostAndPort).map((host) => ({ host })),
    fc.record({
      header: fc.record({
        name: fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/),
        value: fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,250}[\x21-\x7e])?$/),
      }),
    }),
  )
  .filter((one) => routingMatch.safeParse(one).success);

const generated = fc.sample(fc.record({ match, healthPath: near('/', printable, healthPath) }), {
  numRuns: 400,
  seed: 12,
});
const rules: RoutingRule[] = generated.map(({ match: one }, index) => ({
  category: `c${index}`,
  match: one,
}));
const pools = generated.map(({ healthPath: path }, index) => ({
  pool: `c${index}`,
  endpoints: [{ id: `c${index}-1`, host: '127.0.0.1', port: 1 + index, healthPath: path }] as Endpoint[],
}));

/** A static configuration with everything in it: what Envoy refuses of it, it would refuse from discovery. */
function configuration(): unknown {
  const bare = ({ '@type': _, ...resource }: Record<string, unknown>) => resource;
  const clusters = pools.map((pool) => {
    const { eds_cluster_config: _, ...cluster } = bare(
      clusterResource(pool, defaultRenderOptions.timing, ''),
    );
    const [assignment] = endpointResources(pool) ?? [];
    return { ...cluster, type: 'STATIC', load_assignment: bare(assignment as Record<string, unknown>) };
  });
  const [routes] = routeResources(rules, defaultRenderOptions.requestTimeoutMs);
  const manager = {
    '@type':
      'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'pam',
    route_config: bare(routes as Record<string, unknown>),
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  return {
    bootstrap_extensions: [
      {
        name: 'envoy.bootstrap.internal_listener',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
        },
      },
    ],
    static_resources: {
      clusters,
      listeners: [
        {
          name: 'requests',
          address: { socket_address: { address: '127.0.0.1', port_value: 1 } },
          filter_chains: [
            { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
          ],
        },
      ],
    },
  };
}

test('Envoy takes every rule, path and health path that a category may have', async () => {
  const kinds = new Set(rules.flatMap(({ match: one }) => Object.keys(one)));
  expect([...kinds].sort()).toEqual(['header', 'host', 'pathPrefix']);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'envoy.json');
  writeFileSync(file, JSON.stringify(configuration()));
  const validated = await promisify(execFile)(
    requiredTool('PAM_ENVOY'),
    ['--mode', 'validate', '-c', file, '--log-level', 'error'],
    { timeout: 60_000 },
  ).then(
    () => 'accepted',
    (error: { stdout?: string; stderr?: string; message: string }) =>
      `${error.stdout}${error.stderr}`.slice(0, 2_000) || error.message,
  );
  expect(validated).toBe('accepted');
});
