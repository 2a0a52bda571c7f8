/** The pool ledger against a real PostgreSQL: what is written, and that only the holder of the lease writes it. */
import { Client } from 'pg';
import { type Database, migrate, openDatabase } from '../../../../../adapters/postgres';
import type { Lease } from '../../../../../ports/stores/nodes/leaseStore';
import type { LedgerEntry } from '../../../../../ports/stores/nodes/poolLedger';
import { createTestDatabase, type TestDatabase } from '../../../../support/database';

let server: TestDatabase;
let database: Database;
let admin: Client;

beforeAll(async () => {
  server = await createTestDatabase();
  await migrate(server.url);
  database = await openDatabase({ url: server.url });
  admin = new Client({ connectionString: server.url });
  await admin.connect();
}, 60_000);
afterAll(async () => {
  await Promise.all([database?.close(), admin?.end()]);
  await server?.drop();
});

const longMs = 60_000;
const rule = { category: 'checkout', match: { header: { name: 'x-category', value: 'it\'s "checkout"' } } };

async function leaseOf(category: string, holder = 'a', ttlMs = longMs): Promise<Lease> {
  const lease = await database.leases.acquire(`pool:${category}`, holder, ttlMs);
  if (lease === null) throw new Error('expected to get the lease');
  return lease;
}
const runOut = (category: string): Promise<unknown> =>
  admin.query("UPDATE pam.leases SET expires_at = clock_timestamp() - interval '1 ms' WHERE name = $1", [
    `pool:${category}`,
  ]);

test('what is put is what is read; the time of a phase is kept until the phase changes; removed is gone', async () => {
  expect(await database.ledger.get('checkout')).toBeNull();
  const lease = await leaseOf('checkout');
  const put = async (entry: LedgerEntry) => {
    await database.ledger.put('checkout', 'local', entry, lease);
    const record = await database.ledger.get('checkout');
    expect(record).toEqual({
      ...entry,
      category: 'checkout',
      provider: 'local',
      sinceMs: expect.any(Number),
    });
    return record?.sinceMs ?? 0;
  };
  const began = await put({ phase: 'updating', nodes: ['n1', 'n,"2'], rule });
  expect(await put({ phase: 'updating', nodes: [], rule: null })).toBe(began);
  expect(await put({ phase: 'applied', nodes: ['n1'], rule })).toBeGreaterThan(began);
  const shared = await leaseOf('shared-pool');
  await database.ledger.put('shared-pool', 'local', { phase: 'applied', nodes: ['s'], rule: null }, shared);
  expect((await database.ledger.list()).map(({ category }) => category)).toEqual(['checkout', 'shared-pool']);
  await database.ledger.remove('checkout', lease);
  await database.ledger.remove('checkout', lease);
  expect(await database.ledger.get('checkout')).toBeNull();
  await database.ledger.remove('shared-pool', shared);
});

test('without the lease nothing is written: freed, taken by another, of another name, never taken', async () => {
  const old = await leaseOf('search');
  await database.ledger.put('search', 'local', { phase: 'updating', nodes: ['n1'], rule: null }, old);
  const before = await database.ledger.get('search');
  await runOut('search');
  const next = await leaseOf('search', 'b');
  await database.leases.release(await leaseOf('mail'));
  const worthless = [
    old,
    { ...next, holder: 'a' },
    { ...next, token: next.token + 1 },
    { ...next, name: 'pool:mail' },
    { ...next, name: 'pool:never' },
  ];
  for (const lease of worthless) {
    const refused = { code: 'CONFLICT', message: expect.stringContaining(lease.name) };
    await expect(
      database.ledger.put('search', 'local', { phase: 'applied', nodes: ['stale'], rule: null }, lease),
    ).rejects.toMatchObject(refused);
    await expect(database.ledger.remove('search', lease)).rejects.toMatchObject(refused);
  }
  expect(await database.ledger.get('search')).toEqual(before);
});

test('a write and a take-over at the same moment: the write is whole before the next holder has the lease, or refused', async () => {
  const lease = await leaseOf('images');
  await runOut('images');
  await admin.query('BEGIN');
  try {
    // The next holder is about to have it: its statement has the row, its transaction is open.
    await admin.query("UPDATE pam.leases SET holder = 'b', token = token + 1 WHERE name = 'pool:images'");
    const write = database.ledger.put('images', 'local', { phase: 'applied', nodes: [], rule: null }, lease);
    const refused = expect(write).rejects.toMatchObject({ code: 'CONFLICT' });
    await waitingStatement('pam.pools');
    await admin.query('COMMIT');
    await refused;
    expect(await database.ledger.get('images')).toBeNull();
  } catch (error) {
    await admin.query('ROLLBACK');
    throw error;
  }
});

test('the connection is lost in the middle of a write: UNAVAILABLE, nothing is written, the next one succeeds', async () => {
  const lease = await leaseOf('video');
  const entry: LedgerEntry = { phase: 'applied', nodes: ['n1'], rule: null };
  await admin.query('BEGIN');
  await admin.query("SELECT 1 FROM pam.leases WHERE name = 'pool:video' FOR UPDATE");
  const write = database.ledger.put('video', 'local', entry, lease);
  const lost = expect(write).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  await admin.query('SELECT pg_terminate_backend($1, 5000)', [await waitingStatement('pam.pools')]);
  await admin.query('ROLLBACK');
  await lost;
  expect(await database.ledger.get('video')).toBeNull();
  await database.ledger.put('video', 'local', entry, lease);
  expect(await database.ledger.get('video')).toMatchObject(entry);
});

test('twelve workers whose leases keep running out: nobody writes after a later one has written', async () => {
  await admin.query(`CREATE TABLE writes (place bigserial, token bigint);
    CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO writes (token) VALUES (NEW.nodes[1]::bigint); RETURN NEW; END $$;
    CREATE TRIGGER note_write AFTER INSERT OR UPDATE ON pam.pools FOR EACH ROW EXECUTE FUNCTION note_write()`);
  let refusals = 0;
  const work = async (holder: string) => {
    for (let round = 0; round < 15; round++) {
      const lease = await database.leases.acquire('pool:busy', holder, 3);
      if (lease === null) continue;
      for (let write = 0; write < 3; write++) {
        const entry: LedgerEntry = { phase: 'updating', nodes: [String(lease.token)], rule: null };
        await database.ledger.put('busy', 'local', entry, lease).catch((error: { code?: string }) => {
          if (error.code !== 'CONFLICT') throw error;
          refusals++;
        });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: 12 }, (_, index) => work(`w${index}`)));
    const { rows } = await admin.query<{ token: string }>('SELECT token FROM writes ORDER BY place');
    const tokens = rows.map(({ token }) => Number(token));
    expect(tokens).toEqual([...tokens].sort((one, other) => one - other));
    expect(new Set(tokens).size).toBeGreaterThan(1);
    expect(refusals).toBeGreaterThan(0);
  } finally {
    await admin.query('DROP TRIGGER note_write ON pam.pools; DROP FUNCTION note_write; DROP TABLE writes');
  }
}, 60_000);

/** Waits until a statement about `table` waits for a lock; its server process. */
async function waitingStatement(table: string): Promise<number> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const { rows } = await admin.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`,
      [`%${table}%`],
    );
    if (rows[0] !== undefined) return rows[0].pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no statement about ${table} waits`);
}
