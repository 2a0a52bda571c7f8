/** The budget of the fleet (`pam.fleet_budget`) and what each category holds of it (`pam.fleet_claims`). */
import type { FleetClaim } from '../../../../core/capacity/fleetShare';
import type { FleetRecord, FleetStore } from '../../../../ports/stores/nodes/fleetStore';
import type { Connection, RunStatement } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

interface ClaimRow extends FleetRecord {
  [column: string]: unknown;
}

const claimColumns = `category, wish, minimum AS min, weight, requests_per_node_bin AS "requestsPerNodeBin", demand, granted,
  reason, ${toMs('claimed_at')} AS "claimedMs"`;

async function readBudget(run: RunStatement): Promise<number | null> {
  const [row] = await run<{ maxNodes: number | null }>(
    'read the fleet budget',
    'SELECT max_nodes AS "maxNodes" FROM pam.fleet_budget',
  );
  return row?.maxNodes ?? null;
}

export function createFleetStore(connection: Connection): FleetStore {
  return {
    budget: () => readBudget(connection.run),

    async setBudget(maxNodes, by) {
      await connection.run(
        'set the fleet budget',
        `INSERT INTO pam.fleet_budget (max_nodes, set_by) VALUES ($1, $2)
         ON CONFLICT (one) DO UPDATE SET max_nodes = excluded.max_nodes, set_by = excluded.set_by, set_at = now()`,
        [maxNodes, by],
      );
    },

    claim: (wish, atMs, grant) =>
      connection.transaction('claim nodes of the fleet', async (run) => {
        // One claim at a time: two that read the same free nodes would both take them.
        await run('lock the claims', 'LOCK TABLE pam.fleet_claims IN SHARE ROW EXCLUSIVE MODE');
        const others = await run<ClaimRow>(
          'read the claims',
          `SELECT ${claimColumns} FROM pam.fleet_claims WHERE category <> $1 ORDER BY category`,
          [wish.category],
        );
        const granted = grant(others as readonly FleetClaim[], await readBudget(run));
        await run(
          'write the claim',
          `INSERT INTO pam.fleet_claims (category, wish, minimum, weight, requests_per_node_bin, demand, granted, reason,
             claimed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${toInstant('$9')})
           ON CONFLICT (category) DO UPDATE SET wish = excluded.wish, minimum = excluded.minimum,
             weight = excluded.weight, requests_per_node_bin = excluded.requests_per_node_bin, demand = excluded.demand,
             granted = excluded.granted, reason = excluded.reason, claimed_at = excluded.claimed_at`,
          [
            wish.category,
            wish.wish,
            wish.min,
            wish.weight,
            wish.requestsPerNodeBin,
            JSON.stringify(wish.demand),
            granted.granted,
            granted.reason,
            atMs,
          ],
        );
        return granted;
      }),

    async release(category) {
      await connection.run('release nodes of the fleet', 'DELETE FROM pam.fleet_claims WHERE category = $1', [
        category,
      ]);
    },

    async claims() {
      return connection.run<ClaimRow>(
        'read the claims',
        `SELECT ${claimColumns} FROM pam.fleet_claims ORDER BY category`,
      );
    },
  };
}
