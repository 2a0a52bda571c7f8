/** Leases in `pam.leases`, one row a name, on the clock of the database; see the port for what they are for. */
import type { Lease, LeaseStore } from '../../../../ports/stores/nodes/leaseStore';
import type { Connection } from '../../connection/connection';
import { holdLease } from './holdLease';

/** `clock_timestamp()` goes on while a statement waits for the row, `now()` does not. */
const expiry = `clock_timestamp() + $3::double precision * interval '1 millisecond'`;

export function createLeaseStore(connection: Connection): LeaseStore {
  const store = {
    // The first condition spares the row a lock for each worker that only asks whether the holder is still there; the last one
    // decides, with the row locked.
    async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | null> {
      const [taken] = await connection.run<{ token: number }>(
        'take a lease',
        `INSERT INTO pam.leases AS lease (name, holder, token, taken_at, expires_at)
         SELECT $1, $2, 1, clock_timestamp(), ${expiry}
         WHERE NOT EXISTS (SELECT 1 FROM pam.leases
           WHERE name = $1 AND holder <> $2 AND expires_at > clock_timestamp())
         ON CONFLICT (name) DO UPDATE SET
           holder = excluded.holder, token = lease.token + 1, taken_at = clock_timestamp(), expires_at = ${expiry}
         WHERE lease.holder IS NULL OR lease.holder = excluded.holder OR lease.expires_at <= clock_timestamp()
         RETURNING token::double precision AS token`,
        [name, holder, ttlMs],
      );
      return taken === undefined ? null : { name, holder, token: taken.token };
    },

    async renew({ name, holder, token }: Lease, ttlMs: number): Promise<boolean> {
      const renewed = await connection.run(
        'renew a lease',
        `UPDATE pam.leases SET expires_at = ${expiry} WHERE name = $1 AND holder = $2 AND token = $4 RETURNING 1`,
        [name, holder, ttlMs, token],
      );
      return renewed.length > 0;
    },

    async release({ name, holder, token }: Lease): Promise<void> {
      await connection.run(
        'free a lease',
        `UPDATE pam.leases SET holder = NULL, expires_at = clock_timestamp()
         WHERE name = $1 AND holder = $2 AND token = $3`,
        [name, holder, token],
      );
    },
  };
  return {
    ...store,
    whileHeld: (name, holder, ttlMs, act) => holdLease(store, name, holder, ttlMs, act),
  };
}

/**
 * SQL of a common table expression `held`: one row if the lease is still the one of these parameters (name, holder, token),
 * else none. It locks the row, so that nobody takes the lease before the statement that reads it has ended.
 */
export const heldLease = (name: string, holder: string, token: string): string =>
  `held AS (SELECT 1 FROM pam.leases WHERE name = ${name} AND holder = ${holder} AND token = ${token} FOR SHARE)`;
