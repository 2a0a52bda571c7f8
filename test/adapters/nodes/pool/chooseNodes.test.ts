import fc from 'fast-check';
import { chooseNodes, type PresentNode } from '../../../../adapters/nodes/pool/chooseNodes';

function node(id: string, change: Partial<PresentNode> = {}): PresentNode {
  return { id, createdMs: 0, expiresMs: 1_000, state: 'routable', current: true, givenUp: false, ...change };
}

test('when there are too many, the newest that serves nothing goes first, then the one closest to expiry', () => {
  const present = [
    node('long', { expiresMs: 900 }),
    node('short', { expiresMs: 300 }),
    node('bootingOld', { state: 'booting', createdMs: 5 }),
    node('bootingNew', { state: 'booting', createdMs: 9 }),
  ];
  expect(chooseNodes(present, 3, 100).drop).toEqual(['bootingNew']);
  expect(chooseNodes(present, 2, 100).drop).toEqual(['bootingOld', 'bootingNew']);
  expect(chooseNodes(present, 1, 100).drop).toEqual(['short', 'bootingOld', 'bootingNew']);
});

test('dead nodes are replaced at once', () => {
  expect(chooseNodes([node('a'), node('b', { state: 'dead' })], 2, 0)).toEqual({
    keep: ['a'],
    drop: ['b'],
    add: 1,
  });
});

test('expired nodes are replaced a quarter at a time and stay until their successors serve', () => {
  const old = Array.from({ length: 8 }, (_, index) => node(`old${index}`, { expiresMs: 50 }));
  expect(chooseNodes(old, 8, 100)).toMatchObject({ drop: [], add: 2 });
  const booting = [node('new0', { state: 'booting' }), node('new1', { state: 'booting' })];
  expect(chooseNodes([...old, ...booting], 8, 100)).toMatchObject({ drop: [], add: 0 });
  const serving = booting.map((fresh) => ({ ...fresh, state: 'routable' as const }));
  const next = chooseNodes([...old, ...serving], 8, 100);
  expect(next.drop).toHaveLength(2);
  expect(next.add).toBe(2);
});

test('a changed template replaces in the same way; growing is not held up by it', () => {
  const old = [node('a', { current: false }), node('b', { current: false })];
  expect(chooseNodes(old, 6, 0)).toMatchObject({ keep: ['a', 'b'], drop: [], add: 6 });
});

test('a node that is given up stays until its successor serves, is not counted, and is kept if it recovers', () => {
  const sick = node('sick', { state: 'unhealthy', givenUp: true });
  const others = [node('a'), node('b')];
  expect(chooseNodes([...others, sick], 3, 0)).toMatchObject({ drop: [], add: 1 });
  const booting = node('next', { state: 'booting', createdMs: 5 });
  expect(chooseNodes([...others, sick, booting], 3, 0)).toMatchObject({ drop: [], add: 0 });
  const serves = { ...booting, state: 'routable' as const };
  expect(chooseNodes([...others, sick, serves], 3, 0)).toMatchObject({ drop: ['sick'], add: 0 });
  const recovered = { ...sick, state: 'routable' as const };
  expect(chooseNodes([...others, recovered, booting], 3, 0)).toMatchObject({ drop: ['next'], add: 0 });
  // Fewer are wanted meanwhile: it goes first.
  expect(chooseNodes([...others, sick], 2, 0)).toMatchObject({ drop: ['sick'], add: 0 });
  // Others that are unhealthy and not given up hold no successor up.
  const other = node('other', { state: 'unhealthy' });
  expect(chooseNodes([...others, other, sick], 4, 0)).toMatchObject({ drop: [], add: 1 });
});

const arbitraryNode = fc.record({
  createdMs: fc.nat(1_000),
  expiresMs: fc.nat(2_000),
  state: fc.constantFrom('booting', 'routable', 'unhealthy', 'dead'),
  current: fc.boolean(),
  givenUp: fc.boolean(),
});
test('whatever is there: the wanted number exists, no dead node stays, capacity is never given up for nothing', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryNode, { maxLength: 20 }),
      fc.nat(20),
      fc.nat(2_000),
      (drafts, wanted, nowMs) => {
        const present: PresentNode[] = drafts.map((draft, index) => ({ ...draft, id: `n${index}` }));
        const { keep, drop, add } = chooseNodes(present, wanted, nowMs);
        expect([...keep, ...drop].sort()).toEqual(present.map(({ id }) => id).sort());
        const kept = present.filter(({ id }) => keep.includes(id));
        expect(kept.some(({ state }) => state === 'dead')).toBe(false);
        expect(kept.length + add).toBeGreaterThanOrEqual(wanted);
        const routable = (nodes: readonly PresentNode[]): number =>
          nodes.filter(({ state }) => state === 'routable').length;
        expect(routable(kept)).toBeGreaterThanOrEqual(Math.min(wanted, routable(present)));
        if (wanted === 0) expect({ keep, add }).toEqual({ keep: [], add: 0 });
      },
    ),
  );
});

test('repeated until it settles, exactly the wanted number of current nodes is there', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryNode, { maxLength: 12 }),
      fc.integer({ min: 1, max: 12 }),
      (drafts, wanted) => {
        const nowMs = 1_000;
        let pool: PresentNode[] = drafts.map((draft, index) => ({ ...draft, id: `n${index}` }));
        for (let round = 0; round < 30; round += 1) {
          const { keep, add } = chooseNodes(pool, wanted, nowMs);
          // All come to serve but what is given up.
          pool = pool
            .filter(({ id }) => keep.includes(id))
            .map((kept) => (kept.givenUp ? kept : { ...kept, state: 'routable' }));
          for (let index = 0; index < add; index += 1)
            pool.push(node(`r${round}-${index}`, { expiresMs: 9_000, state: 'booting', createdMs: nowMs }));
        }
        expect(pool).toHaveLength(wanted);
        expect(pool.every(({ current, expiresMs }) => current && expiresMs > nowMs)).toBe(true);
      },
    ),
  );
});
