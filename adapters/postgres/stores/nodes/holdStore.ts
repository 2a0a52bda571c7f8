/** Reviews of scale-down holds in `pam.scale_down_holds`, one row a review. */
import type { HoldRecord, HoldStore } from '../../../../ports/stores/nodes/holdStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

export function createHoldStore(connection: Connection): HoldStore {
  return {
    async put({ category, reviewedMs, holdMs, binMs, decisions, reason }) {
      await connection.run(
        'record a review of the scale-down hold',
        `INSERT INTO pam.scale_down_holds (category, reviewed_at, hold_ms, bin_ms, decisions, reason)
         VALUES ($1, ${toInstant('$2')}, $3, $4, $5, $6)
         ON CONFLICT (category, reviewed_at) DO UPDATE SET
           hold_ms = excluded.hold_ms, bin_ms = excluded.bin_ms, decisions = excluded.decisions,
           reason = excluded.reason`,
        [category, reviewedMs, holdMs, binMs, decisions, reason],
      );
    },

    async at(category, atMs) {
      const [row] = await connection.run<HoldRecord & Record<string, unknown>>(
        'read the scale-down hold',
        `SELECT category, ${toMs('reviewed_at')} AS "reviewedMs", hold_ms AS "holdMs", bin_ms AS "binMs", decisions,
           reason
         FROM pam.scale_down_holds WHERE category = $1 AND reviewed_at <= ${toInstant('$2')}
         ORDER BY reviewed_at DESC LIMIT 1`,
        [category, atMs],
      );
      return row ?? null;
    },
  };
}
