import fc from 'fast-check';
import {
  assessHealth,
  graceInUseMs,
  type NodeLook,
  type PoolHealth,
} from '../../../core/capacity/nodeHealth';

const graceMs = 180_000;
const binMs = 60_000;
const startMs = Date.UTC(2026, 10, 24, 10);
const hourMs = 3_600_000;

/** `uubr`: two unhealthy ones, one that boots, one that serves; `n` never served and is unhealthy; `s` should have long. */
function pool(states: string, prefix = 'n'): NodeLook[] {
  const words = { u: 'unhealthy', r: 'routable', b: 'booting', n: 'unhealthy', s: 'booting' } as const;
  return [...states].map((state, index) => ({
    id: `${prefix}${index}`,
    state: words[state as keyof typeof words],
    served: state === 'u' || state === 'r',
    neverUp: state === 's',
  }));
}

/** Looks every half minute until `untilMs`; what the last one found. */
function look(
  states: string,
  untilMs: number,
  before: PoolHealth | null = null,
  frozen: string | null = null,
) {
  let health = before;
  for (
    let nowMs = before === null ? startMs : before.atMs + 30_000;
    nowMs <= startMs + untilMs;
    nowMs += 30_000
  )
    health = assessHealth({ before: health, nodes: pool(states), nowMs, graceMs, binMs, frozen });
  return health;
}
const replaced = (health: PoolHealth | null) => health?.replacing.map(({ id }) => id);

test('the grace is three minutes or three bins, or what is configured', () => {
  expect(graceInUseMs({ binMs: 10_000 })).toBe(180_000);
  expect(graceInUseMs({ binMs: 300_000 })).toBe(900_000);
  expect(graceInUseMs({ binMs: 300_000, unhealthyGraceMs: 20_000 })).toBe(20_000);
});

test('healthy pools say nothing, and a node that never served is left to boot', () => {
  expect(look('rrrb', 600_000)).toBeNull();
  expect(look('rrrn', 6 * hourMs)).toBeNull();
});

test('a node is given up once it has been unhealthy for the grace, and told by name', () => {
  const before = look('rurr', 150_000);
  expect(replaced(before)).toEqual([]);
  expect(before?.finding).toBe(
    '1 of 4 nodes is unhealthy (n1 since 2026-11-24T10:00:00Z); replaced when longer than 3 min',
  );
  const after = look('rurr', 180_000);
  expect(replaced(after)).toEqual(['n1']);
  expect(after?.finding).toBe(
    '1 of 4 nodes is unhealthy: n1 since 2026-11-24T10:00:00Z, longer than 3 min, is being replaced',
  );
  expect(after?.givenUp).toEqual([{ id: 'n1', sinceMs: startMs, atMs: startMs + 180_000 }]);
});

test('a node that does not come up is given up as an unhealthy one is, and told apart', () => {
  expect(replaced(look('rsrr', 150_000))).toEqual([]);
  const after = look('rsrr', 180_000);
  expect(replaced(after)).toEqual(['n1']);
  expect(after?.finding).toBe(
    '1 of 4 nodes is unhealthy: n1, which never took traffic, since 2026-11-24T10:00:00Z, longer than 3 min, is being replaced',
  );
  // When none of them comes up, another one would not either.
  expect(replaced(look('rsss', 600_000))).toEqual([]);
});

test('nodes that were unhealthy at two looks are lacking, unless most are', () => {
  expect(look('urrr', 0)?.lacking).toBe(0);
  expect(look('usrrrr', 30_000)?.lacking).toBe(2);
  expect(look('uuur', 600_000)?.lacking).toBe(0);
});

test('a node that recovers begins anew, as one that nobody looked at for longer than the grace', () => {
  // Nothing is remembered of it.
  expect(look('rrrr', 180_000, look('rurr', 150_000))).toBeNull();
  const seen = look('rurr', 150_000);
  const late = assessHealth({
    before: seen,
    nodes: pool('rurr'),
    nowMs: startMs + 400_000,
    graceMs,
    binMs,
    frozen: null,
  });
  expect(late?.replacing).toEqual([]);
  expect(late?.unhealthy).toEqual([{ id: 'n1', sinceMs: startMs + 400_000 }]);
});

test('a grace that is shorter than the time between two looks is over at the second one', () => {
  const short = { nodes: pool('ur'), graceMs: 5_000, binMs, frozen: null };
  const first = assessHealth({ ...short, before: null, nowMs: startMs });
  expect(replaced(first)).toEqual([]);
  expect(replaced(assessHealth({ ...short, before: first, nowMs: startMs + 30_000 }))).toEqual(['n0']);
});

test('a quarter of the pool at a time, those that have been unhealthy longest first', () => {
  const first = look('rrrrruur', 60_000);
  const more = look('uurrruur', 600_000, first);
  expect(replaced(more)).toEqual(['n5', 'n6']);
  // Both are gone and their successors serve: the next two.
  const nodes = [...pool('uurrr'), ...pool('rrr', 's')];
  const next = assessHealth({ before: more, nodes, nowMs: startMs + 630_000, graceMs, binMs, frozen: null });
  expect(next?.replacing.map(({ id }) => id)).toEqual(['n0', 'n1']);
});

test('a lone node is replaced; most of a pool at once is not, and says why', () => {
  expect(replaced(look('u', 180_000))).toEqual(['n0']);
  expect(replaced(look('ur', 180_000))).toEqual(['n0']);
  for (const states of ['uu', 'uur', 'uuurr']) {
    const health = look(states, 600_000);
    expect(health?.replacing).toEqual([]);
    expect(health?.givenUp).toEqual([]);
    expect(health?.finding).toMatch(/a cause outside of the nodes/);
  }
  // What was on its way is stopped, too, when the others follow.
  expect(replaced(look('uuur', 210_000, look('urrr', 180_000)))).toEqual([]);
});

test('what may not be changed now is told and waits', () => {
  const health = look('rurr', 600_000, null, 'none is replaced in a pause');
  expect(replaced(health)).toEqual([]);
  expect(health?.finding).toMatch(/^1 of 4 nodes is unhealthy \(n1 since .*\): none is replaced in a pause$/);
  expect(replaced(look('rurr', 630_000, health))).toEqual(['n1']);
});

test('where successors fall ill as well, half of the pool is given up within an hour and no more', () => {
  let health: PoolHealth | null = null;
  const names = new Set<string>();
  let sick = 0;
  for (let nowMs = startMs; nowMs < startMs + 50 * 60_000; nowMs += 30_000) {
    // As soon as one is given up another one falls ill in its place.
    const ill: NodeLook = { id: `sick${sick}`, state: 'unhealthy', served: true };
    health = assessHealth({
      before: health,
      nodes: [ill, ...pool('rrr')],
      nowMs,
      graceMs,
      binMs,
      frozen: null,
    });
    for (const { id } of health?.replacing ?? []) names.add(id);
    if ((health?.replacing.length ?? 0) > 0) sick++;
  }
  expect(names.size).toBe(2);
  expect(health?.finding).toMatch(/2 were given up within the last hour and it did not help for long/);
  const later = assessHealth({
    before: { ...health!, atMs: startMs + 2 * hourMs - 30_000 },
    nodes: [{ id: `sick${sick}`, state: 'unhealthy', served: true }, ...pool('rrr')],
    nowMs: startMs + 2 * hourMs,
    graceMs,
    binMs,
    frozen: null,
  });
  expect(later?.replacing).toHaveLength(1);
});

test('whatever is seen: never more than a quarter at once, none that serves or may still boot, none when most are unhealthy', () => {
  const looks = fc.array(
    fc.array(fc.constantFrom('u', 'r', 'b', 'n', 's'), { minLength: 1, maxLength: 16 }),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(looks, (seen) => {
      let health: PoolHealth | null = null;
      seen.forEach((letters, index) => {
        const nodes = pool(letters.join(''));
        health = assessHealth({
          before: health,
          nodes,
          nowMs: startMs + index * 60_000,
          graceMs,
          binMs,
          frozen: null,
        });
        const unhealthy = letters.filter((letter) => letter === 'u' || letter === 's').length;
        const up = unhealthy + letters.filter((letter) => letter === 'r').length;
        const given = health?.replacing ?? [];
        expect(given.length).toBeLessThanOrEqual(Math.max(1, Math.floor(up / 4)));
        if (unhealthy > 1 && unhealthy > up / 2) expect(given).toEqual([]);
        for (const { id } of given)
          expect(
            nodes.some(
              (node) => node.id === id && (node.neverUp || (node.served && node.state === 'unhealthy')),
            ),
          ).toBe(true);
        expect(health === null).toBe(unhealthy === 0 && (health?.givenUp.length ?? 0) === 0);
      });
    }),
  );
});
