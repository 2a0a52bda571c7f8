/** What each category's pool should be in `pam.pools`, written only under the pool's lease. */
import { PamError } from '../../../../core/errors';
import type { Lease } from '../../../../ports/stores/nodes/leaseStore';
import type { LedgerRecord, PoolLedger } from '../../../../ports/stores/nodes/poolLedger';
import type { Connection } from '../../connection/connection';
import { toMs } from '../../connection/instants';
import { heldLease } from './leaseStore';

type LedgerRow = Omit<LedgerRecord, 'wanted' | 'hasStack'> & {
  readonly wanted: number | null;
  readonly hasStack: boolean;
} & Record<string, unknown>;

const recordOf = ({ wanted, hasStack, ...row }: LedgerRow): LedgerRecord => ({
  ...row,
  ...(wanted === null ? {} : { wanted }),
  ...(hasStack ? {} : { hasStack }),
});

const columns = `category, provider, phase, nodes, rule, wanted, has_stack AS "hasStack",
  ${toMs('since')} AS "sinceMs"`;

export function createPoolLedger(connection: Connection): PoolLedger {
  /** Runs a statement that writes only if `held` has a row, and answers with its rows. */
  const underLease = async (
    doing: string,
    category: string,
    { name, holder, token }: Lease,
    write: string,
    values: readonly unknown[],
  ): Promise<void> => {
    const [held] = await connection.run<{ held: number }>(
      doing,
      `WITH ${heldLease('$1', '$2', '$3')}, written AS (${write}) SELECT count(*)::int AS held FROM held`,
      [name, holder, token, category, ...values],
    );
    if (held?.held !== 1)
      throw new PamError(
        'CONFLICT',
        `could not ${doing} of "${category}": another worker has taken the lease "${name}"; try again`,
      );
  };

  return {
    async get(category) {
      const [row] = await connection.run<LedgerRow>(
        'read the ledger of pools',
        `SELECT ${columns} FROM pam.pools WHERE category = $1`,
        [category],
      );
      return row === undefined ? null : recordOf(row);
    },

    async list() {
      const rows = await connection.run<LedgerRow>(
        'read the ledger of pools',
        `SELECT ${columns} FROM pam.pools ORDER BY category`,
      );
      return rows.map(recordOf);
    },

    put: (category, provider, { phase, nodes, rule, wanted, hasStack }, lease) =>
      underLease(
        'write the pool ledger',
        category,
        lease,
        `INSERT INTO pam.pools AS pool (category, provider, phase, nodes, rule, wanted, has_stack, since)
         SELECT $4, $5, $6, $7::text[], $8::jsonb, $9, $10, clock_timestamp() FROM held
         ON CONFLICT (category) DO UPDATE SET
           provider = excluded.provider, phase = excluded.phase, nodes = excluded.nodes, rule = excluded.rule,
           wanted = excluded.wanted, has_stack = excluded.has_stack,
           since = CASE WHEN pool.phase = excluded.phase THEN pool.since ELSE excluded.since END`,
        [
          provider,
          phase,
          nodes,
          rule === null ? null : JSON.stringify(rule),
          wanted ?? null,
          hasStack ?? true,
        ],
      ),

    remove: (category, lease) =>
      underLease(
        'clear the pool ledger',
        category,
        lease,
        'DELETE FROM pam.pools WHERE category = $4 AND EXISTS (SELECT 1 FROM held)',
        [],
      ),
  };
}
