/** Property and example tests of the decision: bounds, monotony, holds, reasons. */
import fc from 'fast-check';
import { decide, measuredScaleUp, nodesFor } from '../../../core/capacity/decide';
import type { PlanInput } from '../../../core/capacity/plan';

const base: PlanInput = {
  peakDemand: 950,
  lastDemand: 800,
  requestsPerNodeBin: 100,
  provisioned: 8,
  previousPlanned: 8,
  recentRequired: [],
  headroom: 0,
  nodes: { min: 1, max: 50, initial: 2 },
  override: null,
  paused: false,
};

const demand = fc.double({ min: 0, max: 1e7, noNaN: true });
const whole = (min: number, max: number) => fc.integer({ min, max });
const reasoned: fc.Arbitrary<{ nodes: number; reason: string }> = fc.record({
  nodes: whole(0, 400),
  reason: fc.constant('campaign at noon'),
});

const bounds = fc
  .tuple(whole(0, 50), whole(0, 200), whole(0, 250))
  .map(([min, more, initial]) => ({ min, max: min + more, initial }));

const anyInput: fc.Arbitrary<PlanInput> = fc.record({
  peakDemand: fc.option(demand),
  lastDemand: fc.option(demand),
  requestsPerNodeBin: fc.double({ min: 0.01, max: 1e5, noNaN: true }),
  provisioned: whole(0, 300),
  previousPlanned: fc.option(whole(0, 300)),
  recentRequired: fc.array(whole(0, 300), { maxLength: 20 }),
  headroom: fc.double({ min: 0, max: 2, noNaN: true }),
  nodes: bounds,
  override: fc.option(reasoned),
  paused: fc.boolean(),
  atLeast: fc.option<{ nodes: number; reason: string }, null>(reasoned, { nil: null }),
  orderDemand: fc.option<number, null>(demand, { nil: null }),
});

const running = anyInput.map((input) => ({ ...input, paused: false }));

test('planned stays within the bounds whatever is asked for, and is what exists while paused', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { planned, required } = decide(input);
      expect(Number.isInteger(planned)).toBe(true);
      expect(required).toBeGreaterThanOrEqual(0);
      if (input.paused) expect(planned).toBe(input.provisioned);
      else {
        expect(planned).toBeGreaterThanOrEqual(input.nodes.min);
        expect(planned).toBeLessThanOrEqual(input.nodes.max);
      }
    }),
  );
});

test('more demand never plans fewer nodes', () => {
  fc.assert(
    fc.property(running, demand, demand, (input, one, other) => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const less = decide({ ...input, peakDemand: low });
      const more = decide({ ...input, peakDemand: high });
      expect(more.required).toBeGreaterThanOrEqual(less.required);
      expect(more.planned).toBeGreaterThanOrEqual(less.planned);
    }),
  );
});

test('nodes are given up only when every decision of the hold required fewer', () => {
  fc.assert(
    fc.property(running, (input) => {
      const held = { ...input, override: null };
      const { planned, required } = decide(held);
      if (held.previousPlanned === null || planned >= Math.min(held.previousPlanned, held.nodes.max)) return;
      expect(Math.max(required, ...held.recentRequired)).toBeLessThanOrEqual(planned);
    }),
  );
});

test('a hold never asks for more than was planned before', () => {
  const plan = decide({ ...base, peakDemand: 200, previousPlanned: 8, recentRequired: [30, 3] });
  expect(plan).toMatchObject({ required: 2, planned: 8, rule: 'scale-down-hold' });
});

test('the capacity of the required nodes covers the demand with headroom, without a node to spare', () => {
  fc.assert(
    fc.property(
      running,
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      ({ headroom, ...input }, peakDemand) => {
        const { required } = decide({ ...input, headroom, peakDemand, atLeast: null });
        const wanted = (peakDemand * (1 + headroom)) / input.requestsPerNodeBin;
        expect(required + 1e-6).toBeGreaterThanOrEqual(wanted);
        expect(required - 1).toBeLessThan(wanted + 1e-6);
      },
    ),
  );
});

test('every decision has a reason, and the reason of a bound keeps what it bounded', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { reason } = decide(input);
      expect(reason.trim().length).toBeGreaterThan(10);
      expect(reason).not.toMatch(/NaN|undefined|Infinity|null/);
    }),
  );
  expect(decide({ ...base, nodes: { min: 1, max: 6, initial: 1 } }).reason).toBe(
    'peak of 950 requests a bin over the lead window ÷ 100 per node = 10 nodes; bounded by the maximum of 6',
  );
});

test.each<[string, Partial<PlanInput>, { required: number; planned: number; rule: string }]>([
  ['forecast', {}, { required: 10, planned: 10, rule: 'forecast' }],
  ['exact multiple', { peakDemand: 300, previousPlanned: 3 }, { required: 3, planned: 3, rule: 'forecast' }],
  ['headroom', { headroom: 0.2 }, { required: 12, planned: 12, rule: 'forecast' }],
  [
    'no forecast, busy',
    { peakDemand: null, previousPlanned: null },
    { required: 8, planned: 8, rule: 'default-allocation' },
  ],
  [
    'nothing known',
    { peakDemand: null, lastDemand: null, previousPlanned: null },
    { required: 2, planned: 2, rule: 'default-allocation' },
  ],
  ['no data', { peakDemand: null, lastDemand: null }, { required: 8, planned: 8, rule: 'no-data' }],
  [
    'measured above planned',
    { atLeast: { nodes: 14, reason: 'measured 1350 requests a bin' } },
    { required: 14, planned: 14, rule: 'measured-above-planned' },
  ],
  [
    'override beats the hold',
    { override: { nodes: 3, reason: 'maintenance' }, recentRequired: [12] },
    { required: 10, planned: 3, rule: 'override' },
  ],
])('%s', (_, change, expected) => {
  expect(decide({ ...base, ...change })).toMatchObject(expected);
});

test('a measured scale-up asks for enough, never for more than the maximum, never for fewer than there are', () => {
  const there = { requestsPerNodeBin: 100, provisioned: 4, planned: 5, lacking: 0, max: 20 };
  expect(measuredScaleUp({ ...there, measuredDemand: null })).toBeNull();
  expect(measuredScaleUp({ ...there, measuredDemand: 500 })).toBeNull();
  expect(measuredScaleUp({ ...there, measuredDemand: 501 })).toMatchObject({ nodes: 6 });
  // Two of them can't be counted on.
  expect(measuredScaleUp({ ...there, lacking: 2, measuredDemand: 300 })).toBeNull();
  expect(measuredScaleUp({ ...there, lacking: 2, measuredDemand: 301 })).toEqual({
    nodes: 6,
    reason: 'measured 301 requests a bin ÷ 100 per node = 4 nodes, 5 provisioned for, 2 of them unhealthy',
  });
  fc.assert(
    fc.property(
      demand,
      whole(0, 100),
      whole(0, 100),
      whole(0, 100),
      whole(0, 10),
      (measured, provisioned, planned, max, lacking) => {
        const input = {
          measuredDemand: measured,
          requestsPerNodeBin: 37,
          provisioned,
          planned,
          lacking,
          max,
        };
        const up = measuredScaleUp(input);
        const existing = Math.max(provisioned, planned);
        if (up === null) expect(existing >= max || nodesFor(measured, 37) <= existing - lacking).toBe(true);
        else {
          expect(up.nodes).toBeGreaterThan(existing);
          expect(up.nodes).toBeLessThanOrEqual(max);
          expect(up.reason).toContain('measured');
        }
      },
    ),
  );
});

describe('ordering at a lower demand than keeping', () => {
  const banded = { ...base, peakDemand: 950, orderDemand: 720, requestsPerNodeBin: 100 };

  test('orders only what the order demand needs, and says why', () => {
    const plan = decide({ ...banded, previousPlanned: 5, provisioned: 5 });
    expect(plan).toMatchObject({ required: 10, planned: 8, rule: 'order-not-worth-it-yet' });
    expect(plan.reason).toContain('720 requests a bin');
  });

  test('keeps what exists as long as the peak needs it', () => {
    expect(decide({ ...banded, previousPlanned: 9, provisioned: 9 }).planned).toBe(9);
    expect(decide({ ...banded, previousPlanned: 14, provisioned: 14 }).planned).toBe(10);
  });

  test('the first decision and what is measured above plan get all they ask for', () => {
    expect(decide({ ...banded, previousPlanned: null }).planned).toBe(10);
    expect(
      decide({ ...banded, previousPlanned: 5, atLeast: { nodes: 12, reason: 'measured 1200' } }).planned,
    ).toBe(12);
  });

  test('never plans more than without it, nor fewer than both demands need', () => {
    fc.assert(
      fc.property(running, demand, demand, (input, one, other) => {
        const given = { ...input, override: null, peakDemand: Math.max(one, other) };
        const order = Math.min(one, other);
        const withBand = decide({ ...given, orderDemand: order }).planned;
        expect(withBand).toBeLessThanOrEqual(decide({ ...given, orderDemand: null }).planned);
        expect(withBand).toBeGreaterThanOrEqual(
          decide({ ...given, peakDemand: order, orderDemand: null, recentRequired: [], atLeast: null })
            .planned,
        );
      }),
    );
  });
});
