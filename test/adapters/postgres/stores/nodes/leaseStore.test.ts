/** Leases against a real PostgreSQL: one holder at a time, whoever is slow, dies or loses its connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Client } from 'pg';
import { type Database, migrate, openDatabase } from '../../../../../adapters/postgres';
import type { Lease } from '../../../../../ports/stores/nodes/leaseStore';
import { type CuttableServer, startCuttableServer } from '../../../../support/cuttableServer';
import { createTestDatabase, type TestDatabase } from '../../../../support/database';

let server: TestDatabase;
let network: CuttableServer;
/** Two workers; the network of the second can be cut. */
let one: Database;
let two: Database;
let admin: Client;

beforeAll(async () => {
  server = await createTestDatabase();
  await migrate(server.url);
  network = await startCuttableServer(server.url);
  one = await openDatabase({ url: server.url });
  two = await openDatabase({ url: network.url });
  admin = new Client({ connectionString: server.url });
  await admin.connect();
}, 60_000);
afterAll(async () => {
  await Promise.all([one?.close(), two?.close(), admin?.end()]);
  await network?.close();
  await server?.drop();
});

const longMs = 60_000;
let names = 0;
const freshName = (): string => `pool:test-${names++}`;

/** Lets the lifetime of a lease pass on the database's clock, without waiting for it. */
const runOut = (name: string): Promise<unknown> =>
  admin.query("UPDATE pam.leases SET expires_at = clock_timestamp() - interval '1 ms' WHERE name = $1", [
    name,
  ]);

async function taken(attempt: Promise<Lease | null>): Promise<Lease> {
  const lease = await attempt;
  if (lease === null) throw new Error('expected to get the lease');
  return lease;
}

test('a second holder gets it when the first has freed it, with a greater token', async () => {
  const name = freshName();
  const first = await taken(one.leases.acquire(name, 'a', longMs));
  expect(first).toMatchObject({ name, holder: 'a' });
  expect(await two.leases.acquire(name, 'b', longMs)).toBeNull();
  await one.leases.release(first);
  const second = await taken(two.leases.acquire(name, 'b', longMs));
  expect(second.token).toBeGreaterThan(first.token);
  expect(await one.leases.acquire(name, 'a', longMs)).toBeNull();
  // What was freed is not renewed, and can't be freed again on behalf of the next holder.
  expect(await one.leases.renew(first, longMs)).toBe(false);
  await one.leases.release(first);
  expect(await two.leases.renew(second, longMs)).toBe(true);
});

test('it runs out by the clock of the database if its holder is dead; the clocks of workers do not matter', async () => {
  const name = freshName();
  const first = await taken(one.leases.acquire(name, 'a', 400));
  const clock = jest.spyOn(Date, 'now').mockReturnValue(0);
  try {
    expect(await two.leases.acquire(name, 'b', longMs)).toBeNull();
    const began = performance.now();
    let second: Lease | null = null;
    while (second === null && performance.now() - began < 10_000) {
      await sleep(20);
      second = await two.leases.acquire(name, 'b', longMs);
    }
    expect(second).toMatchObject({ holder: 'b', token: first.token + 1 });
    expect(await one.leases.renew(first, longMs)).toBe(false);
  } finally {
    clock.mockRestore();
  }
});

test('a holder that was only slow keeps it if nobody has taken it since', async () => {
  const name = freshName();
  const lease = await taken(one.leases.acquire(name, 'a', longMs));
  await runOut(name);
  expect(await one.leases.renew(lease, longMs)).toBe(true);
  expect(await two.leases.acquire(name, 'b', longMs)).toBeNull();
});

test('taking it again, as after an answer that was lost, ends the older token of the same process', async () => {
  const name = freshName();
  const first = await taken(one.leases.acquire(name, 'a', longMs));
  const again = await taken(one.leases.acquire(name, 'a', longMs));
  expect(again.token).toBeGreaterThan(first.token);
  expect(await one.leases.renew(first, longMs)).toBe(false);
  expect(await one.leases.renew(again, longMs)).toBe(true);
});

test('thirty that ask at once: one gets it, at a free lease and at one that has run out', async () => {
  const name = freshName();
  const rush = () =>
    Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (index % 2 === 0 ? one : two).leases.acquire(name, `h${names}-${index}`, longMs),
      ),
    );
  for (let round = 0; round < 5; round++) {
    expect((await rush()).filter((lease) => lease !== null)).toHaveLength(1);
    names++;
    await runOut(name);
  }
});

test('whatever the order of calls, the store is the model: one holder, tokens grow, older tokens are worth nothing', async () => {
  const holders = ['a', 'b', 'c'] as const;
  const step = fc.oneof(
    fc.record({
      what: fc.constantFrom('acquire', 'renew', 'release', 'put'),
      who: fc.constantFrom(...holders),
    }),
    fc.record({ what: fc.constant('runOut' as const), who: fc.constant('a' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const name = freshName();
      const category = name.slice('pool:'.length);
      /** What a correct store knows: the last one that took it, and whether its time is up. */
      let model: { lease: Lease | null; token: number; over: boolean } = {
        lease: null,
        token: 0,
        over: false,
      };
      /** The last lease that each holder knows of: it may be an old one. */
      const known = new Map<string, Lease>();
      let written: string | null = null;
      for (const { what, who } of steps) {
        const database = who === 'a' ? one : two;
        const mine = known.get(who);
        const valid = mine !== undefined && model.lease?.token === mine.token;
        if (what === 'runOut') {
          await runOut(name);
          model = { ...model, over: true };
        } else if (what === 'acquire') {
          const lease = await database.leases.acquire(name, who, longMs);
          const free = model.lease === null || model.over || model.lease.holder === who;
          expect(lease).toEqual(free ? { name, holder: who, token: model.token + 1 } : null);
          if (lease !== null) {
            known.set(who, lease);
            model = { lease, token: lease.token, over: false };
          }
        } else if (mine !== undefined && what === 'renew') {
          expect(await database.leases.renew(mine, longMs)).toBe(valid);
          if (valid) model = { ...model, over: false };
        } else if (mine !== undefined && what === 'release') {
          await database.leases.release(mine);
          if (valid) model = { ...model, lease: null };
        } else if (mine !== undefined) {
          const entry = { phase: 'updating' as const, nodes: [`${who}-${mine.token}`], rule: null };
          const put = database.ledger.put(category, 'local', entry, mine);
          if (valid) {
            await put;
            written = entry.nodes[0] ?? null;
          } else await expect(put).rejects.toMatchObject({ code: 'CONFLICT', retryable: true });
        }
        expect((await one.ledger.get(category))?.nodes[0] ?? null).toBe(written);
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);

test('while held: renewed for longer than it lasts, freed afterwards, also if the task fails', async () => {
  const name = freshName();
  const ttlMs = 400;
  const held = await one.leases.whileHeld(name, 'a', ttlMs, async (lease, lost) => {
    for (let round = 0; round < 10; round++) {
      await sleep(ttlMs / 4);
      expect(await two.leases.whileHeld(name, 'b', ttlMs, async () => 'both')).toBeNull();
    }
    expect(lost.aborted).toBe(false);
    return lease.token;
  });
  expect(held).toEqual({ result: expect.any(Number) });
  await expect(
    one.leases.whileHeld(name, 'a', longMs, () => Promise.reject(new Error('the task failed'))),
  ).rejects.toThrow('the task failed');
  expect(await two.leases.whileHeld(name, 'b', longMs, async () => 'next')).toEqual({ result: 'next' });
}, 30_000);

test('while held: aborted as soon as another has taken it', async () => {
  const name = freshName();
  const held = await one.leases.whileHeld(name, 'a', 2_000, async (_, lost) => {
    await runOut(name);
    await taken(two.leases.acquire(name, 'b', longMs));
    await new Promise((resolve) => lost.addEventListener('abort', resolve));
    return lost.reason;
  });
  expect(held?.result).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('another worker'),
  });
  // The lease of the next one was not freed.
  expect(await one.leases.acquire(name, 'c', longMs)).toBeNull();
}, 30_000);

test('connections ended by an administrator: the next renewal reconnects and nothing is lost', async () => {
  const name = freshName();
  const ttlMs = 3_000;
  const held = await one.leases.whileHeld(name, 'a', ttlMs, async (lease, lost) => {
    const { rowCount } = await admin.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'pam-leases'",
    );
    expect(rowCount).toBeGreaterThan(0);
    await sleep(ttlMs * 1.5);
    expect(lost.aborted).toBe(false);
    return one.leases.renew(lease, ttlMs);
  });
  expect(held).toEqual({ result: true });
}, 30_000);

test.each(['cut', 'freeze'] as const)(
  'the network of the holder fails (%s): it stops before another can have begun',
  async (failure) => {
    const name = freshName();
    const ttlMs = 1_000;
    // Connections that the test before has cut are replaced once the pool has noticed.
    while (
      !(await two
        .ping()
        .then(() => two.leases.acquire(freshName(), 'b', longMs))
        .catch(() => null))
    )
      await sleep(10);
    try {
      const held = await two.leases.whileHeld(name, 'b', ttlMs, async (lease, lost) => {
        const stopped = new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()));
        network[failure]();
        let next: Lease | null = null;
        let tookMs = Number.POSITIVE_INFINITY;
        const takeOver = async () => {
          while (next === null) {
            await sleep(10);
            next = await one.leases.acquire(name, 'a', longMs);
          }
          tookMs = performance.now();
        };
        const [stoppedMs] = await Promise.all([stopped.then(() => performance.now()), takeOver()]);
        expect(stoppedMs).toBeLessThan(tookMs);
        expect(lost.reason).toMatchObject({
          code: 'CONFLICT',
          message: expect.stringContaining('did not answer'),
        });
        return lease;
      });
      network.cut();
      network.mend();
      // When its network is back, the slow holder is refused.
      const old = held?.result;
      if (old === undefined) throw new Error('expected to get the lease');
      expect(await two.leases.renew(old, longMs)).toBe(false);
      await expect(
        two.ledger.put('late', 'local', { phase: 'applied', nodes: [], rule: null }, old),
      ).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await one.ledger.get('late')).toBeNull();
    } finally {
      network.cut();
      network.mend();
    }
  },
  60_000,
);
