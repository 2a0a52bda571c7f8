/** The measured lead: what it rests on, when it moves and when not, its bounds, and that it does not flap. */
import fc from 'fast-check';
import { bootQuantile, type NodeBoot, ordersOf } from '../../../core/capacity/boots';
import { type LeadState, type LeadTime, longestLeadBins, planLead } from '../../../core/capacity/leadTime';
import { seededRandom } from '../../../core/statistics/random';

const minute = 60_000;
const configuredMs = 5 * minute;
const tickDelay = 3_000;

/** A node that is looked at every half minute. `takesMs` null: it never comes and was seen waiting for `waitedMs`. */
function boot(orderedMs: number, takesMs: number | null, waitedMs = 0): NodeBoot {
  const createdMs = orderedMs + Math.min(2_000, takesMs ?? 2_000);
  if (takesMs === null) return { orderedMs, createdMs, waitingMs: orderedMs + waitedMs, routableMs: null };
  const look = Math.ceil((orderedMs + takesMs) / (minute / 2)) * (minute / 2);
  const before = look - minute / 2;
  return { orderedMs, createdMs, waitingMs: before > createdMs ? before : null, routableMs: look };
}

/** One order of one node every ten minutes, `takes` ms each; null = never came, an hour long. */
function orders(takes: readonly (number | null)[], fromMs = 0): NodeBoot[] {
  return takes.map((ms, index) => boot(fromMs + index * 10 * minute + tickDelay, ms, 60 * minute));
}

function lead(boots: readonly NodeBoot[], before: LeadState | null = null, more = {}): LeadTime {
  return planLead({
    boots,
    binMs: minute,
    configuredMs,
    mode: 'measured',
    before,
    nowMs: 1e9,
    ...more,
  });
}

const many = (count: number, ms: number) => Array.from({ length: count }, () => ms);

test('without orders, and with a few quick ones, the configured lead stands', () => {
  expect(lead([])).toMatchObject({ bins: 5, orders: 0, p50Ms: null, warning: null });
  expect(lead([]).reason).toBe('as configured: no order has been measured yet');
  expect(lead(orders(many(58, 40_000)))).toMatchObject({ bins: 5, orders: 58 });
});

test('59 orders, none of them late, lower it to what they took, the delay of the tick included', () => {
  expect(lead(orders(many(59, 40_000)))).toMatchObject({ bins: 1, loweredMs: 1e9, raisedMs: null });
  // Seen waiting at 30 s and routable at 60 s after the bin began: 42 s after the order, on average.
  expect(lead(orders(many(59, 40_000))).p50Ms).toBe(42_000);
  // 1 min 58.5 s after the order and 3 s after the bin began is within the second bin, a second later is not.
  const exact = (ms: number): NodeBoot[] =>
    many(59, ms).map((takes, index) => {
      const orderedMs = index * 10 * minute + tickDelay;
      return { orderedMs, createdMs: orderedMs + takes - 1, waitingMs: null, routableMs: orderedMs + takes };
    });
  expect(lead(exact(116_900)).bins).toBe(2);
  expect(lead(exact(117_900)).bins).toBe(3);
});

test('a slow pool raises it at the third late order, one or two raise nothing', () => {
  expect(lead(orders([500_000, 500_000])).bins).toBe(5);
  const raised = lead(orders(many(3, 500_000)));
  expect(raised).toMatchObject({ bins: 9, raisedMs: 1e9 });
  expect(raised.reason).toBe('raised from 5 bins, by when of the latest 3 orders 3 were not routable');
  // One slow order in twenty is what the accepted share allows for.
  expect(lead(orders([...many(60, 250_000), 500_000, ...many(20, 250_000)])).bins).toBe(5);
  // A pool that has become slow: the quick orders before do not hide it.
  expect(lead(orders([...many(100, 250_000), ...many(3, 500_000)])).bins).toBe(9);
});

test('nodes of one order count as one observation', () => {
  const slow = Array.from({ length: 10 }, () => boot(tickDelay, 500_000));
  expect(lead(slow)).toMatchObject({ bins: 5, orders: 1, nodes: 10 });
  // A third of each order is late: of three orders one, of fifteen five.
  const mixed = (count: number) =>
    many(count, 0).flatMap((_, index) =>
      [500_000, 250_000, 250_000].map((ms) => boot(index * 10 * minute + tickDelay, ms)),
    );
  expect(lead(mixed(3)).bins).toBe(5);
  expect(lead(mixed(15)).bins).toBe(9);
});

test('a cloud that is stuck counts once, is told, and never blows the lead up', () => {
  // Ten orders within the hour in which nothing comes.
  const stuck = many(10, 0).map((_, index) => boot(index * 5 * minute + tickDelay, null, 60 * minute));
  const during = lead(stuck);
  expect(during).toMatchObject({ bins: 5, orders: 1, failed: 1, p95Ms: null });
  expect(during.warning).toBe('1 of the latest 1 orders brought no routable node within 15 min');
  const after = lead([...stuck, ...orders(many(20, 250_000), 1e8)]);
  expect(after).toMatchObject({ bins: 5, failed: 1 });
  // Day after day, it is a pool that one can't count on within the lead: three times as configured and no more.
  const daily = many(5, 0).map((_, index) => boot(index * 24 * 60 * minute + tickDelay, null, 60 * minute));
  expect(lead(daily)).toMatchObject({ bins: 15, failed: 5 });
  const crawling = lead(orders(many(6, 20 * minute)));
  expect(crawling).toMatchObject({ bins: 15, failed: 0, p95Ms: expect.closeTo(20 * minute, -5) });
  expect(crawling.warning).toBe(
    'nodes take longer than 3 times the configured lead, the most that is planned with (15 min): look at the pool, or raise "lead"',
  );
});

test('what was given up while it booted took at least that long', () => {
  // Given up early it says nothing, later than the lead it is late.
  expect(lead(many(5, 0).map((_, i) => boot(i * 20 * minute + tickDelay, null, 2 * minute))).bins).toBe(5);
  expect(lead(many(5, 0).map((_, i) => boot(i * 20 * minute + tickDelay, null, 6 * minute))).bins).toBe(8);
});

test('where nobody looked, a node that is there is no slow one', () => {
  const unseen = many(30, 0).map((_, index): NodeBoot => {
    const orderedMs = index * 120 * minute + tickDelay;
    return { orderedMs, createdMs: orderedMs + 4_000, waitingMs: null, routableMs: orderedMs + 60 * minute };
  });
  expect(lead(unseen).bins).toBe(5);
});

test('a fixed lead stays, and it is said when nodes take longer', () => {
  const fixed = lead(orders(many(30, 500_000)), { bins: 9, raisedMs: 1, loweredMs: null }, { mode: 'fixed' });
  expect(fixed).toMatchObject({ bins: 5, reason: 'fixed by its settings' });
  expect(fixed.warning).toContain('nodes take longer than the fixed lead of 5 min');
});

test('after a change only orders since then move it the other way', () => {
  const quick = orders(many(100, 40_000));
  const raised: LeadState = { bins: 8, raisedMs: 50 * 10 * minute, loweredMs: null };
  expect(lead(quick, raised).bins).toBe(8);
  expect(lead(quick, { ...raised, raisedMs: 20 * 10 * minute }).bins).toBe(1);
  const slow = orders(many(10, 500_000));
  expect(lead(slow, { bins: 5, raisedMs: null, loweredMs: 1e8 }).bins).toBe(5);
});

const anyBoot: fc.Arbitrary<NodeBoot> = fc
  .record({
    orderedMs: fc.integer({ min: 0, max: 1e8 }),
    created: fc.integer({ min: 0, max: 1e6 }),
    waited: fc.option(fc.integer({ min: 0, max: 1e7 })),
    routable: fc.option(fc.integer({ min: 0, max: 1e7 })),
  })
  .map(({ orderedMs, created, waited, routable }) => ({
    orderedMs,
    createdMs: orderedMs + created,
    waitingMs: waited === null ? null : orderedMs + created + waited,
    routableMs: routable === null ? null : orderedMs + created + (waited ?? 0) + routable,
  }));

test('whatever was seen, it stays within its bounds, says why, and is the same on the same data', () => {
  fc.assert(
    fc.property(
      fc.array(anyBoot, { maxLength: 80 }),
      fc.integer({ min: 1_000, max: 600_000 }),
      fc.integer({ min: 1_000, max: 1_800_000 }),
      fc.option(fc.integer({ min: 1, max: 5_000 })),
      (boots, binMs, configured, previous) => {
        const before = previous === null ? null : { bins: previous, raisedMs: null, loweredMs: null };
        const input = {
          boots,
          binMs,
          configuredMs: configured,
          mode: 'measured' as const,
          before,
          nowMs: 1e9,
        };
        const found = planLead(input);
        expect(found.bins).toBeGreaterThanOrEqual(1);
        expect(found.bins).toBeLessThanOrEqual(longestLeadBins(configured, binMs));
        expect(found.reason).not.toBe('');
        expect(planLead({ ...input, boots: [...boots].reverse() })).toEqual(found);
      },
    ),
    { numRuns: 200 },
  );
});

test('the product-limit quantile is the empirical one without censoring, and never below what is known', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 60 }), (takes) => {
      const exact = (ms: number, index: number, came: boolean): NodeBoot => {
        const orderedMs = index * 1e8;
        const seen = orderedMs + ms;
        return { orderedMs, createdMs: seen, waitingMs: seen, routableMs: came ? seen : null };
      };
      const all = ordersOf(
        takes.map((ms, index) => exact(ms, index, true)),
        minute,
      );
      const sorted = [...takes].sort((a, b) => a - b);
      for (const probability of [0.5, 0.95]) {
        const rank = Math.ceil(probability * takes.length - 1e-6) - 1;
        expect(bootQuantile(all, probability)).toBe(sorted[Math.max(0, rank)]);
        const half = ordersOf(
          takes.map((ms, index) => exact(ms, index, index % 2 === 0)),
          minute,
        );
        expect(bootQuantile(half, probability)).toBeGreaterThanOrEqual(bootQuantile(all, probability));
      }
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['well within two bins', 80_000, 0.2],
  ['right at a border of bins', 177_000 * Math.exp(-1.645 * 0.25), 0.25],
  ['twice as configured', 500_000, 0.2],
])(
  'boots that stay alike do not make it flap: %s',
  (_, median, spread) => {
    const random = seededRandom(7);
    const takes = () =>
      median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
    const history: NodeBoot[] = [];
    let state: LeadState | null = null;
    let changes = 0;
    for (let index = 0; index < 1_000; index++) {
      history.push(boot(index * 10 * minute + tickDelay, takes()));
      const next = lead(history.slice(-200), state, { nowMs: (index + 1) * 10 * minute });
      if (state !== null && next.bins !== state.bins) changes++;
      state = next;
    }
    // A thousand orders are weeks: a change is a training.
    expect(changes).toBeLessThanOrEqual(8);
    expect(state!.bins).toBeGreaterThanOrEqual(Math.ceil((median + tickDelay) / minute));
  },
  60_000,
);
