/** Decisions as they were made and carried out, found by time: what explains and lists read. */
import type { DecisionArchive, SettledDecision } from '../../../../ports/stores/forecasts/decisionArchive';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

interface Row extends Omit<SettledDecision, 'plan'> {
  [column: string]: unknown;
  required: number;
  planned: number;
  rule: SettledDecision['plan']['rule'];
  reason: string;
}

export function createDecisionArchive(connection: Connection): DecisionArchive {
  return {
    async latest(category, atMs, count) {
      const rows = await connection.run<Row>(
        'find a decision',
        `SELECT id, category, ${toMs('made_at')} AS "madeMs", forecast_id AS "forecastId", triggered_by AS trigger,
           demand, peak_demand AS "peakDemand", requests_per_node_bin AS "requestsPerNodeBin", required, planned, rule, reason,
           provisioned, routable, ${toMs('settled_at')} AS "settledMs"
         FROM pam.decisions WHERE category = $1 AND made_at <= ${toInstant('$2')}
         ORDER BY made_at DESC, id DESC LIMIT $3`,
        [category, atMs, count],
      );
      return rows.map(({ required, planned, rule, reason, ...row }) => ({
        ...row,
        plan: { required, planned, rule, reason },
      }));
    },

    async span(category) {
      const [row] = await connection.run<{ firstMs: number | null; lastMs: number | null }>(
        'find the span of decisions',
        `SELECT ${toMs('min(made_at)')} AS "firstMs", ${toMs('max(made_at)')} AS "lastMs"
         FROM pam.decisions WHERE category = $1`,
        [category],
      );
      return row === undefined || row.firstMs === null || row.lastMs === null
        ? null
        : { firstMs: row.firstMs, lastMs: row.lastMs };
    },
  };
}
