/** The nodes of the provider `local` in `pam.local_nodes`, and when their machines were last seen in `pam.local_machines`. */
import { orderOf } from '../../../../ports/nodeOrder';
import type { ListedLocalNode, LocalNodeStore } from '../../../../ports/stores/nodes/localNodeStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

type Row = Record<string, unknown> & {
  readonly node_order: object;
  readonly machineSeenMs: number | null;
  readonly endedMs: number | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly said: string | null;
};

/** More than any machine may stay silent: it was never seen. */
const neverSeenMs = 1e15;

const columns = `node_order, machine, state_dir AS "stateDir", host, port, log, pid,
  start_ticks AS "startTicks", ${toMs('drain_until')} AS "drainUntilMs", asked, ended,
  ${toMs('ended_at')} AS "endedMs", exit_code AS "exitCode", exit_signal AS "exitSignal", said,
  extract(epoch FROM clock_timestamp() - seen_at)::double precision * 1000 AS "machineSeenMs"`;

function nodeOf(found: Row): ListedLocalNode {
  const { node_order, machineSeenMs, endedMs, exitCode, exitSignal, said, ...row } = found;
  const end = endedMs === null ? {} : { end: { atMs: endedMs, code: exitCode, signal: exitSignal, said } };
  return {
    ...{ ...node_order, ...row, ...end },
    machineSeenMs: machineSeenMs ?? neverSeenMs,
  } as unknown as ListedLocalNode;
}

export function createLocalNodeStore(connection: Connection): LocalNodeStore {
  const read = async (where: string, values: readonly unknown[]): Promise<ListedLocalNode[]> => {
    const rows = await connection.run<Row>(
      'read the local nodes',
      `SELECT ${columns} FROM pam.local_nodes LEFT JOIN pam.local_machines USING (machine)
       WHERE ${where} ORDER BY created_at, id`,
      values,
    );
    return rows.map(nodeOf);
  };
  return {
    async add(node) {
      const { id, category, createdMs } = node;
      await connection.run(
        'record a local node',
        `INSERT INTO pam.local_nodes (category, id, created_at, node_order, machine, state_dir, host, port, log)
         VALUES ($1, $2, ${toInstant('$3')}, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (category, id) DO UPDATE SET
           created_at = excluded.created_at, node_order = excluded.node_order, machine = excluded.machine,
           state_dir = excluded.state_dir, host = excluded.host, port = excluded.port, log = excluded.log,
           pid = NULL, start_ticks = NULL, drain_until = NULL, asked = false, ended = false,
           ended_at = NULL, exit_code = NULL, exit_signal = NULL, said = NULL`,
        [
          ...[category, id, createdMs, JSON.stringify(orderOf(node))],
          ...[node.machine, node.stateDir, node.host, node.port, node.log],
        ],
      );
    },

    async started(category, id, pid, startTicks) {
      const changed = await connection.run(
        'record the process of a local node',
        `UPDATE pam.local_nodes SET pid = $3, start_ticks = $4
         WHERE category = $1 AND id = $2 AND drain_until IS NULL RETURNING 1`,
        [category, id, pid, startTicks],
      );
      return changed.length > 0;
    },

    async found(node) {
      const { id, category, createdMs } = node;
      await connection.run(
        'record a local node that was found',
        `INSERT INTO pam.local_nodes
           (category, id, created_at, node_order, machine, state_dir, host, port, log, pid, start_ticks)
         VALUES ($1, $2, ${toInstant('$3')}, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (category, id) DO UPDATE SET
           machine = excluded.machine, state_dir = excluded.state_dir, host = excluded.host, port = excluded.port,
           log = excluded.log, pid = excluded.pid, start_ticks = excluded.start_ticks,
           ended = false, ended_at = NULL, exit_code = NULL, exit_signal = NULL, said = NULL`,
        [
          ...[category, id, createdMs, JSON.stringify(orderOf(node))],
          ...[node.machine, node.stateDir, node.host, node.port, node.log, node.pid, node.startTicks],
        ],
      );
    },

    async get(category, id) {
      const [node] = await read('category = $1 AND id = $2', [category, id]);
      return node ?? null;
    },

    list: (category) => read('$1::text IS NULL OR category = $1', [category ?? null]),
    draining: (category) =>
      read('drain_until IS NOT NULL AND ($1::text IS NULL OR category = $1)', [category ?? null]),
    onMachine: (machine) => read('machine = $1', [machine]),

    async drain(category, id, untilMs) {
      const [row] = await connection.run<Row>(
        'let a local node drain',
        `WITH node AS (
           UPDATE pam.local_nodes SET drain_until = coalesce(drain_until, ${toInstant('$3')})
           WHERE category = $1 AND id = $2 RETURNING *)
         SELECT ${columns} FROM node LEFT JOIN pam.local_machines USING (machine)`,
        [category, id, untilMs],
      );
      return row === undefined ? null : nodeOf(row);
    },

    async asked(category, id) {
      await connection.run(
        'record that a local node was asked to end',
        'UPDATE pam.local_nodes SET asked = true WHERE category = $1 AND id = $2',
        [category, id],
      );
    },

    async ended(category, id, end) {
      await connection.run(
        'record that a local node has ended',
        `UPDATE pam.local_nodes SET ended = true, ended_at = ${toInstant('$3')}, exit_code = $4, exit_signal = $5, said = $6
         WHERE category = $1 AND id = $2 AND ended_at IS NULL AND drain_until IS NULL`,
        [category, id, end?.atMs ?? null, end?.code ?? null, end?.signal ?? null, end?.said ?? null],
      );
    },

    async remove(category, id) {
      await connection.run(
        'forget a local node',
        'DELETE FROM pam.local_nodes WHERE category = $1 AND id = $2',
        [category, id],
      );
    },

    async seen(machine) {
      await connection.run(
        'record that a machine is there',
        `INSERT INTO pam.local_machines (machine, seen_at) VALUES ($1, clock_timestamp())
         ON CONFLICT (machine) DO UPDATE SET seen_at = excluded.seen_at`,
        [machine],
      );
    },
  };
}
