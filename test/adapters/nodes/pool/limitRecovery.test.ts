import { chooseNodes, type PresentNode } from '../../../../adapters/nodes/pool/chooseNodes';
import { limitRecovery } from '../../../../adapters/nodes/pool/limitRecovery';

const node = (id: string, state: PresentNode['state'] = 'routable'): PresentNode => ({
  ...{ id, state, createdMs: 1, expiresMs: 1_000 },
  ...{ current: true, givenUp: false },
});
const many = (count: number, state: PresentNode['state'] = 'routable', name: string = state) =>
  Array.from({ length: count }, (_, place) => node(`${name}${place}`, state));
const limited = (present: PresentNode[], wanted: number, known = true) => {
  const { choice, held } = limitRecovery(present, chooseNodes(present, wanted, 10), wanted, known);
  return { keep: choice.keep.length, drop: choice.drop.length, add: choice.add, held: held !== null };
};

test('a quarter of those that serve go at a time, at least one', () => {
  expect(limited(many(12), 2)).toEqual({ keep: 9, drop: 3, add: 0, held: true });
  expect(limited(many(3), 1)).toEqual({ keep: 2, drop: 1, add: 0, held: true });
  expect(limited(many(5), 4)).toEqual({ keep: 4, drop: 1, add: 0, held: false });
});

test('none that serves goes while fewer than wanted would serve; what does not serve goes', () => {
  const outdated = many(4).map((one) => ({ ...one, current: false }));
  expect(limited([...outdated, ...many(4, 'booting')], 4).drop).toBe(0);
  expect(limited([...many(4), ...many(6, 'unhealthy')], 4)).toEqual({
    keep: 4,
    drop: 6,
    add: 0,
    held: false,
  });
  expect(limited([...many(4), ...many(2, 'dead')], 4)).toEqual({ keep: 4, drop: 2, add: 0, held: false });
});

test('none goes but the dead while the proxy does not say who serves', () => {
  expect(limited([...many(6, 'booting'), ...many(1, 'dead')], 2, false)).toEqual({
    ...{ keep: 6, drop: 1, add: 0, held: true },
  });
});
