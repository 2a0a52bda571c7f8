/** Ends of nodes in `pam.node_ends`, what was mended in `pam.pool_repairs`. */
import type {
  NodeEndRecord,
  PoolRepair,
  PoolTroubleStore,
} from '../../../../ports/stores/nodes/poolTroubleStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

type EndRow = NodeEndRecord & Record<string, unknown>;
type RepairRow = PoolRepair & Record<string, unknown>;

export function createPoolTroubleStore(connection: Connection): PoolTroubleStore {
  return {
    async ended({ category, id, createdMs, endedMs, madeAs, exitCode, exitSignal, said }) {
      await connection.run(
        'record the end of a node',
        `INSERT INTO pam.node_ends (category, id, created_at, ended_at, made_as, exit_code, exit_signal, said)
         VALUES ($1, $2, ${toInstant('$3')}, ${toInstant('$4')}, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
        [category, id, createdMs, endedMs, madeAs, exitCode, exitSignal, said],
      );
    },

    endsSince: (category, fromMs) =>
      connection.run<EndRow>(
        'read the ends of nodes',
        `SELECT category, id, ${toMs('created_at')} AS "createdMs", ${toMs('ended_at')} AS "endedMs",
           made_as AS "madeAs", exit_code AS "exitCode", exit_signal AS "exitSignal", said
         FROM pam.node_ends WHERE category = $1 AND ended_at >= ${toInstant('$2')} ORDER BY ended_at, id`,
        [category, fromMs],
      ),

    async repaired(category, what, atMs) {
      await connection.run(
        'record a repair',
        `INSERT INTO pam.pool_repairs (category, at, what) VALUES ($1, ${toInstant('$2')}, $3) ON CONFLICT DO NOTHING`,
        [category, atMs, what],
      );
    },

    repairsSince: (category, fromMs) =>
      connection.run<RepairRow>(
        'read the repairs of a pool',
        `SELECT category, ${toMs('at')} AS "atMs", what FROM pam.pool_repairs
         WHERE category = $1 AND at >= ${toInstant('$2')} ORDER BY at, what`,
        [category, fromMs],
      ),
  };
}
