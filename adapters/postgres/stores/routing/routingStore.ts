/** Rules and endpoints in `pam.routing_*`, and what the discovery processes' proxies have taken of them. */

import { PamError } from '../../../../core/errors';
import { matchKey, normalizeMatch } from '../../../../core/routing/precedence';
import { describeMatch, type RoutingMatch } from '../../../../core/routing/rule';
import type { Endpoint } from '../../../../ports/routingTable';
import type {
  ChangedPool,
  ConnectedProxy,
  DiscoveryProcess,
  RoutedPool,
  RoutingStore,
  TakenPool,
} from '../../../../ports/stores/routing/routingStore';
import type { Connection } from '../../connection/connection';
import { toMs } from '../../connection/instants';
import { watchChannel } from '../../connection/watchChannel';

/** A discovery process says that it lives every few seconds; after this long without a word it is gone, ms. */
const discoveryGoneMs = 10_000;

const channels = { declared: 'pam_routing', taken: 'pam_routing_taken' } as const;
const live = `seen_at > clock_timestamp() - ${discoveryGoneMs} * interval '1 millisecond'`;

/** All pools whose version is above `$1`; `{}` in place of no endpoint. */
const changedPools = `
  SELECT pool, version::double precision AS version, rule.match,
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', id, 'host', host, 'port', port, 'healthPath', health_path) ORDER BY id)
      FROM pam.routing_endpoints AS endpoint WHERE endpoint.pool = known.pool), '[]') AS endpoints
  FROM pam.routing_pools AS known LEFT JOIN pam.routing_rules AS rule ON rule.category = known.pool
  WHERE version > $1::bigint`;

type PoolRow = RoutedPool & Record<string, unknown>;

interface DiscoveryRow extends Record<string, unknown> {
  readonly id: string;
  readonly seenMs: number;
  readonly live: boolean;
  readonly proxies: readonly ConnectedProxy[];
}

interface TakenRow extends Record<string, unknown> {
  readonly discovery: string;
  readonly pool: string;
  readonly version: number;
  readonly refusedVersion: number | null;
  readonly refusedReason: string | null;
}

const discoveryOf = ({ id, seenMs, live: isLive, proxies }: DiscoveryRow): DiscoveryProcess => ({
  id,
  seenMs,
  live: isLive,
  proxies,
});

const takenOf = ({ pool, version, refusedVersion, refusedReason }: TakenRow): TakenPool => ({
  pool,
  version,
  refused:
    refusedVersion === null || refusedReason === null
      ? null
      : { version: refusedVersion, reason: refusedReason },
});

export function createRoutingStore(connection: Connection): RoutingStore {
  const { run } = connection;

  const changedPool = async (pool: string, rows: readonly unknown[]): Promise<ChangedPool> => {
    const [row] = await run<{ version: number }>(
      'read the version of a pool',
      'SELECT version::double precision AS version FROM pam.routing_pools WHERE pool = $1',
      [pool],
    );
    return { version: row?.version ?? 0, changed: rows.length > 0 };
  };

  /** Of two categories with the same match one would silently get no requests. */
  const refuseSharedMatch = async (category: string, match: RoutingMatch): Promise<void> => {
    const [other] = await run<{ category: string }>(
      'look for another rule with the same match',
      'SELECT category FROM pam.routing_rules WHERE match_key = $1 AND category <> $2',
      [matchKey(match), category],
    );
    if (other !== undefined)
      throw new PamError(
        'REJECTED',
        `match of "${category}" (${describeMatch(match)}) is that of "${other.category}": expected a different one, since a request goes to one category`,
      );
  };

  const discoveries = async (): Promise<DiscoveryProcess[]> =>
    (
      await run<DiscoveryRow>(
        'read the discovery processes',
        `SELECT id, ${toMs('seen_at')} AS "seenMs", ${live} AS live, proxies FROM pam.discoveries ORDER BY id`,
      )
    ).map(discoveryOf);

  const takenRows = (pool: string | null): Promise<TakenRow[]> =>
    run<TakenRow>(
      'read what the proxies have taken',
      `SELECT discovery, pool, version::double precision AS version,
         refused_version::double precision AS "refusedVersion", refused_reason AS "refusedReason"
       FROM pam.routing_taken JOIN pam.discoveries ON discoveries.id = discovery
       WHERE ${live} AND ($1::text IS NULL OR pool = $1)`,
      [pool],
    );

  return {
    async putRule({ category, match }) {
      await refuseSharedMatch(category, match);
      try {
        const rows = await run(
          'put a rule',
          `INSERT INTO pam.routing_rules AS rule (category, match, match_key) VALUES ($1, $2::jsonb, $3)
           ON CONFLICT (category) DO UPDATE SET match = excluded.match, match_key = excluded.match_key
           WHERE (rule.match, rule.match_key) IS DISTINCT FROM (excluded.match, excluded.match_key) RETURNING 1`,
          [category, JSON.stringify(normalizeMatch(match)), matchKey(match)],
        );
        return await changedPool(category, rows);
      } catch (error) {
        // Another worker may have put the same match since we looked.
        await refuseSharedMatch(category, match);
        throw error;
      }
    },

    async removeRule(category) {
      const rows = await run(
        'remove a rule',
        'DELETE FROM pam.routing_rules WHERE category = $1 RETURNING 1',
        [category],
      );
      return changedPool(category, rows);
    },

    async putEndpoint(pool, { id, host, port, healthPath }) {
      const rows = await run(
        'put an endpoint',
        `INSERT INTO pam.routing_endpoints AS known (pool, id, host, port, health_path) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (pool, id) DO UPDATE SET
           host = excluded.host, port = excluded.port, health_path = excluded.health_path
         WHERE (known.host, known.port, known.health_path)
           IS DISTINCT FROM (excluded.host, excluded.port, excluded.health_path) RETURNING 1`,
        [pool, id, host, port, healthPath],
      );
      return changedPool(pool, rows);
    },

    async removeEndpoint(pool, id) {
      const rows = await run(
        'remove an endpoint',
        'DELETE FROM pam.routing_endpoints WHERE pool = $1 AND id = $2 RETURNING 1',
        [pool, id],
      );
      return changedPool(pool, rows);
    },

    endpoints: (pool) =>
      run<Endpoint & Record<string, unknown>>(
        'read the endpoints of a pool',
        `SELECT id, host, port, health_path AS "healthPath" FROM pam.routing_endpoints WHERE pool = $1 ORDER BY id`,
        [pool],
      ),

    async taken(pool) {
      const [all, rows] = await Promise.all([discoveries(), takenRows(pool)]);
      return all.map((discovery) => {
        const row = rows.find((one) => one.discovery === discovery.id);
        return { discovery, taken: row === undefined ? null : takenOf(row) };
      });
    },

    async status() {
      const [all, rows, pools] = await Promise.all([
        discoveries(),
        takenRows(null),
        run<PoolRow>('read what is routed', changedPools, [0]),
      ]);
      const byPool = new Map<string, TakenRow[]>();
      for (const row of rows) byPool.set(row.pool, [...(byPool.get(row.pool) ?? []), row]);
      const asked = all.filter((one) => one.live && one.proxies.length > 0);
      return {
        discoveries: all,
        pools: pools
          .filter(({ match, endpoints }) => match !== null || endpoints.length > 0)
          .map((pool) => {
            const answers = (byPool.get(pool.pool) ?? []).map((row) => ({
              of: row.discovery,
              ...takenOf(row),
            }));
            return {
              ...pool,
              taken:
                asked.length > 0 &&
                asked.every(({ id }) => answers.some((one) => one.of === id && one.version >= pool.version)),
              refused:
                answers.find(({ refused }) => refused !== null && refused.version >= pool.version)?.refused ??
                null,
            };
          }),
      };
    },

    async changes(since) {
      const [state] = await run<{ epoch: string; version: number }>(
        'read the version of the routing',
        'SELECT epoch::text AS epoch, version::double precision AS version FROM pam.routing_state',
      );
      if (state === undefined)
        throw new PamError(
          'INVALID_DATA',
          'pam.routing_state has no row: insert one with version 0, which makes a new epoch',
        );
      const whole = since === null || since.epoch !== state.epoch || since.version > state.version;
      if (!whole && since.version === state.version) return { ...state, whole: false, pools: [] };
      const pools = await run<PoolRow>('read changes of the routing', changedPools, [
        whole ? 0 : since.version,
      ]);
      // A change between the two statements is in the second: the next read finds nothing new in it.
      const version = pools.reduce((highest, pool) => Math.max(highest, pool.version), state.version);
      return { epoch: state.epoch, version, whole, pools };
    },

    async present(id, proxies) {
      await run(
        'say that a discovery process lives',
        `INSERT INTO pam.discoveries (id, seen_at, proxies) VALUES ($1, clock_timestamp(), $2::jsonb)
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, proxies = excluded.proxies`,
        [id, JSON.stringify(proxies)],
      );
      await run(
        'forget discovery processes that are gone',
        `DELETE FROM pam.discoveries WHERE seen_at < clock_timestamp() - ${6 * discoveryGoneMs} * interval '1 millisecond'`,
      );
      await run('wake who waits for the proxies', `SELECT pg_notify('${channels.taken}', '')`);
    },

    async took(id, pools) {
      if (pools.length === 0) return;
      await run(
        'record what the proxies have taken',
        `WITH written AS (
           INSERT INTO pam.routing_taken (discovery, pool, version, refused_version, refused_reason)
           SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[])
           WHERE EXISTS (SELECT 1 FROM pam.discoveries WHERE id = $1)
           ON CONFLICT (discovery, pool) DO UPDATE SET version = excluded.version,
             refused_version = excluded.refused_version, refused_reason = excluded.refused_reason
           RETURNING 1)
         SELECT pg_notify('${channels.taken}', ''), count(*) FROM written`,
        [
          id,
          pools.map(({ pool }) => pool),
          pools.map(({ version }) => version),
          pools.map(({ refused }) => refused?.version ?? null),
          pools.map(({ refused }) => refused?.reason ?? null),
        ],
      );
    },

    async absent(id) {
      await run('forget a discovery process', 'DELETE FROM pam.discoveries WHERE id = $1', [id]);
    },

    watch: (what, wake) => watchChannel(connection, channels[what], wake),
  };
}
