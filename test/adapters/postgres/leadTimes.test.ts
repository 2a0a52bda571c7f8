/** Orders and their boots, and measured leads, in PostgreSQL. */
import type { Database } from '../../../adapters/postgres';
import type { PoolNode } from '../../../ports/nodePool';
import { suiteDatabase } from '../../support/suiteDatabase';

const start = Date.UTC(2026, 5, 1);
let database: Database;
suiteDatabase((ready) => {
  database = ready;
});

const node = (id: string, createdMs: number, state: PoolNode['state']): PoolNode => ({
  id,
  address: { host: '127.0.0.1', port: 1 },
  state,
  createdMs,
  expiresMs: createdMs + 86_400_000,
  tags: {},
});

test('a node keeps the order that asked for it, when it was last seen waiting and first seen routable', async () => {
  const { nodes } = database;
  const at = (seconds: number) => start + seconds * 1_000;
  const look = (
    seconds: number,
    states: Record<string, PoolNode['state']>,
    created: Record<string, number>,
    orderedS: number | null,
  ) =>
    nodes.sync(
      'orders',
      Object.entries(states).map(([id, state]) => node(id, at(created[id]!), state)),
      at(seconds),
      orderedS === null ? null : at(orderedS),
    );
  const created = { old: -100, a: 4, b: 5, c: 64 };
  // "old" was there before the decision: whoever ordered it, this one did not.
  await look(6, { old: 'routable', a: 'booting', b: 'booting' }, created, 3);
  await look(30, { old: 'routable', a: 'booting', b: 'unhealthy' }, created, null);
  await look(66, { old: 'routable', a: 'routable', b: 'booting', c: 'booting' }, created, 63);
  // Unhealthy later on is not waiting for its first request; a late, old observation changes nothing.
  await look(90, { old: 'routable', a: 'unhealthy', b: 'booting' }, created, null);
  await look(30, { old: 'routable', a: 'booting', b: 'booting', c: 'booting' }, created, null);

  const expected = [
    { orderedMs: at(3), createdMs: at(4), waitingMs: at(30), routableMs: at(66) },
    { orderedMs: at(3), createdMs: at(5), waitingMs: at(90), routableMs: null },
    { orderedMs: at(63), createdMs: at(64), waitingMs: at(66), routableMs: null },
  ];
  expect(await nodes.boots('orders', start, at(1_000), 10)).toEqual(expected);
  expect(await nodes.boots('orders', start, at(1_000), 1)).toEqual(expected.slice(2));
  expect(await nodes.boots('orders', at(60), at(1_000), 10)).toEqual(expected.slice(2));
  expect(await nodes.boots('orders', start, at(60), 10)).toEqual(expected.slice(0, 2));
});

test('the lead in force at an instant is the latest change before it', async () => {
  const { leadTimes } = database;
  const first = {
    category: 'leadTimes',
    sinceMs: start,
    bins: 8,
    binMs: 60_000,
    configuredMs: 300_000,
    raisedMs: start,
    loweredMs: null,
    orders: 3,
    p50Ms: 400_000.5,
    p95Ms: null,
    reason: 'raised',
  };
  const second = { ...first, sinceMs: start + 1_000, bins: 6, loweredMs: start + 1_000, reason: 'lowered' };
  expect(await leadTimes.at('leadTimes', start)).toBeNull();
  await leadTimes.put(first);
  await leadTimes.put(second);
  await leadTimes.put(second);
  expect(await leadTimes.at('leadTimes', start - 1)).toBeNull();
  expect(await leadTimes.at('leadTimes', start + 999)).toEqual(first);
  expect(await leadTimes.at('leadTimes', start + 1e9)).toEqual(second);
  expect(await leadTimes.at('other', start + 1e9)).toBeNull();
});
