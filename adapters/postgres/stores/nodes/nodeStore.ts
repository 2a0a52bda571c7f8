/** The lives of nodes in `pam.nodes`: observations of a pool in, times of order, creation, routable and removal out. */
import type { NodeBoot } from '../../../../core/capacity/boots';
import type { NodeLife, NodeStore } from '../../../../ports/stores/nodes/nodeStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

export function createNodeStore(connection: Connection): NodeStore {
  return {
    async sync(category, nodes, atMs, orderedMs = null) {
      await connection.transaction('record the nodes of a pool', async (run) => {
        await run(
          '',
          `INSERT INTO pam.nodes AS node (category, id, created_at, ordered_at, waiting_at, routable_at, seen_at, tags)
           SELECT $1, id, ${toInstant('created_ms')}, CASE WHEN created_ms >= $7 THEN ${toInstant('$7')} END,
             CASE WHEN NOT routable THEN ${toInstant('$2')} END, CASE WHEN routable THEN ${toInstant('$2')} END,
             ${toInstant('$2')}, tags
           FROM unnest($3::text[], $4::float8[], $5::boolean[], $6::jsonb[]) AS seen(id, created_ms, routable, tags)
           ORDER BY id
           ON CONFLICT (category, id) DO UPDATE SET
             ordered_at = coalesce(node.ordered_at, excluded.ordered_at),
             waiting_at = CASE WHEN coalesce(excluded.waiting_at < node.routable_at, true)
               THEN greatest(node.waiting_at, excluded.waiting_at) ELSE node.waiting_at END,
             routable_at = least(node.routable_at, excluded.routable_at),
             removed_at = CASE WHEN node.removed_at > excluded.seen_at THEN node.removed_at END,
             seen_at = greatest(node.seen_at, excluded.seen_at),
             tags = CASE WHEN node.seen_at > excluded.seen_at THEN node.tags ELSE excluded.tags END`,
          [
            category,
            atMs,
            nodes.map((node) => node.id),
            nodes.map((node) => node.createdMs),
            nodes.map((node) => node.state === 'routable'),
            nodes.map((node) => JSON.stringify(node.tags)),
            orderedMs,
          ],
        );
        await run(
          '',
          `UPDATE pam.nodes SET removed_at = greatest(${toInstant('$2')}, created_at), seen_at = ${toInstant('$2')}
           WHERE category = $1 AND removed_at IS NULL AND seen_at < ${toInstant('$2')} AND id <> ALL($3::text[])`,
          [category, atMs, nodes.map((node) => node.id)],
        );
      });
    },

    between: (category, fromMs, toMs_) =>
      connection.run<NodeLife & Record<string, unknown>>(
        'read nodes',
        `SELECT id, category, tags, ${toMs('created_at')} AS "createdMs", ${toMs('routable_at')} AS "routableMs",
           ${toMs('removed_at')} AS "removedMs"
         FROM pam.nodes
         WHERE category = $1 AND created_at < ${toInstant('$3')}
           AND (removed_at IS NULL OR removed_at > ${toInstant('$2')})
         ORDER BY created_at, id`,
        [category, fromMs, toMs_],
      ),

    boots: (category, fromMs, toMs_, orders) =>
      connection.run<NodeBoot & Record<string, unknown>>(
        'read boots',
        `SELECT ${toMs('ordered_at')} AS "orderedMs", ${toMs('created_at')} AS "createdMs",
           ${toMs('waiting_at')} AS "waitingMs", ${toMs('routable_at')} AS "routableMs"
         FROM pam.nodes
         WHERE category = $1 AND ordered_at IN (
           SELECT DISTINCT ordered_at FROM pam.nodes
           WHERE category = $1 AND ordered_at >= ${toInstant('$2')} AND ordered_at < ${toInstant('$3')}
           ORDER BY ordered_at DESC LIMIT $4)
         ORDER BY ordered_at, id`,
        [category, fromMs, toMs_, orders],
      ),
  };
}
