/** Claims on the fleet's budget against a real PostgreSQL: many at once never take the same node twice. */
import type { Database } from '../../../../../adapters/postgres';
import { type FleetWish, grantFromFleet } from '../../../../../core/capacity/fleetShare';
import { suiteDatabase } from '../../../../support/suiteDatabase';

let database: Database;
suiteDatabase((made) => {
  database = made;
});

const wish = (category: string, nodes: number): FleetWish => ({
  category,
  wish: nodes,
  min: 0,
  weight: 1,
  requestsPerNodeBin: 10,
  demand: { probabilities: [0.5], peak: [nodes * 8] },
});
const claim = (own: FleetWish) =>
  database.fleet.claim(own, Date.UTC(2026, 0, 1), (others, maximum) => grantFromFleet(own, others, maximum));

test('twenty claims at once stay within the budget; what is released is there for the others', async () => {
  expect(await database.fleet.budget()).toBeNull();
  await database.fleet.setBudget(30, 'test');
  const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
  await Promise.all(names.map((name) => claim(wish(name, 4))));
  const total = async () => (await database.fleet.claims()).reduce((sum, { granted }) => sum + granted, 0);
  expect(await total()).toBe(30);
  for (const name of names.slice(1)) await database.fleet.release(name);
  expect(await claim(wish('c0', 4))).toEqual({ granted: 4, reason: null });
  expect(await database.fleet.claims()).toEqual([
    { ...wish('c0', 4), granted: 4, reason: null, claimedMs: Date.UTC(2026, 0, 1) },
  ]);
});

test('a budget can be lifted', async () => {
  await database.fleet.setBudget(1, 'test');
  expect((await claim(wish('c0', 4))).reason).toMatch(/fleet budget of 1/);
  await database.fleet.setBudget(null, 'test');
  expect(await claim(wish('c0', 4))).toEqual({ granted: 4, reason: null });
});
