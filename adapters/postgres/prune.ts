/** How long rows are kept in, what was deleted out. */
import type { Connection } from './connection/connection';
import { toInstant } from './connection/instants';

/** How long rows are kept, ms. */
export interface Retention {
  readonly bins: number;
  readonly forecasts: number;
  readonly decisions: number;
}

/** Deleted rows a table. */
export interface Pruned {
  readonly bins: number;
  readonly events: number;
  readonly forecasts: number;
  readonly scores: number;
  readonly drifts: number;
  readonly decisions: number;
  readonly models: number;
  readonly nodes: number;
  readonly holds: number;
}

/** Short transactions: a batch never holds its locks for long, and a stop in between loses nothing. */
const rowsAtOnce = 10_000;

/**
 * Deletes what is older than it is kept for; imported bins and announced events count from when they came in, since
 * history of years ago is imported to be used. Events go with the bins that they explain; models that are out of use,
 * nodes that are gone, what went wrong with them and holds that were reviewed again go with the decisions. Several processes may prune at once.
 */
export async function prune(connection: Connection, retention: Retention, nowMs: number): Promise<Pruned> {
  const bins = nowMs - retention.bins;
  const decisions = nowMs - retention.decisions;
  const remove = (table: string, condition: string, beforeMs: number) =>
    deleteInBatches(connection, table, condition, beforeMs);
  await remove('node_ends', 'ended_at < $before', decisions);
  await remove('pool_repairs', 'at < $before', decisions);
  return {
    bins: await remove('bins', 'start_at < $before AND (imported_at IS NULL OR imported_at < $before)', bins),
    events: await remove('events', 'end_at < $before AND updated_at < $before', bins),
    forecasts: await remove('forecasts', 'made_at < $before', nowMs - retention.forecasts),
    // A score is worth as long as its model may be asked about.
    scores: await remove('forecast_scores', 'origin_at < $before', decisions),
    drifts: await remove('drifts', 'detected_at < $before', decisions),
    decisions: await remove('decisions', 'made_at < $before', decisions),
    models: await remove('models', `status_at < $before AND status <> 'incumbent'`, decisions),
    nodes: await remove('nodes', 'removed_at < $before', decisions),
    // The latest review counts however old it is.
    holds: await remove(
      'scale_down_holds',
      `reviewed_at < $before AND reviewed_at <
         (SELECT max(newest.reviewed_at) FROM pam.scale_down_holds AS newest WHERE newest.category = $1)`,
      decisions,
    ),
  };
}

async function deleteInBatches(
  connection: Connection,
  table: string,
  condition: string,
  beforeMs: number,
): Promise<number> {
  // Category by category, since every index begins with it; the names are found by hopping along the index.
  const categories = await connection.run<{ category: string }>(
    'find what to prune',
    `WITH RECURSIVE hop AS (
       (SELECT category FROM pam.${table} ORDER BY category LIMIT 1)
       UNION ALL
       SELECT (SELECT category FROM pam.${table} WHERE category > hop.category ORDER BY category LIMIT 1)
       FROM hop WHERE hop.category IS NOT NULL)
     SELECT category FROM hop WHERE category IS NOT NULL`,
  );
  const statement = `WITH gone AS (
      DELETE FROM pam.${table} WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM pam.${table}
        WHERE category = $1 AND ${condition.replaceAll('$before', toInstant('$2'))}
        LIMIT ${rowsAtOnce} FOR UPDATE SKIP LOCKED))
      RETURNING 1)
    SELECT count(*)::int AS rows FROM gone`;
  let deleted = 0;
  for (const { category } of categories) {
    for (let batch = rowsAtOnce; batch === rowsAtOnce; ) {
      const [gone] = await connection.run<{ rows: number }>('prune', statement, [category, beforeMs]);
      batch = gone?.rows ?? 0;
      deleted += batch;
    }
  }
  return deleted;
}
