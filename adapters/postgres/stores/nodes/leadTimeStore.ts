/** Measured leads in `pam.lead_times`, one row a change. */
import type { LeadRecord, LeadTimeStore } from '../../../../ports/stores/nodes/leadTimeStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

export function createLeadTimeStore(connection: Connection): LeadTimeStore {
  return {
    async put(record) {
      await connection.run(
        'record a lead',
        `INSERT INTO pam.lead_times (category, since, bins, bin_ms, configured_ms, raised_at, lowered_at, orders,
           p50_ms, p95_ms, reason)
         VALUES ($1, ${toInstant('$2')}, $3, $4, $5, ${toInstant('$6')}, ${toInstant('$7')}, $8, $9, $10, $11)
         ON CONFLICT (category, since) DO UPDATE SET
           bins = excluded.bins, bin_ms = excluded.bin_ms, configured_ms = excluded.configured_ms,
           raised_at = excluded.raised_at, lowered_at = excluded.lowered_at, orders = excluded.orders,
           p50_ms = excluded.p50_ms, p95_ms = excluded.p95_ms, reason = excluded.reason`,
        [
          record.category,
          record.sinceMs,
          record.bins,
          record.binMs,
          record.configuredMs,
          record.raisedMs,
          record.loweredMs,
          record.orders,
          record.p50Ms,
          record.p95Ms,
          record.reason,
        ],
      );
    },

    async at(category, atMs) {
      const [row] = await connection.run<LeadRecord & Record<string, unknown>>(
        'read the lead',
        `SELECT category, ${toMs('since')} AS "sinceMs", bins, bin_ms AS "binMs", configured_ms AS "configuredMs",
           ${toMs('raised_at')} AS "raisedMs", ${toMs('lowered_at')} AS "loweredMs", orders, p50_ms AS "p50Ms",
           p95_ms AS "p95Ms", reason
         FROM pam.lead_times WHERE category = $1 AND since <= ${toInstant('$2')} ORDER BY since DESC LIMIT 1`,
        [category, atMs],
      );
      return row ?? null;
    },
  };
}
