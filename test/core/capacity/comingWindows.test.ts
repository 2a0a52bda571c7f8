/** When the nodes of an announced window are ordered: never too late for its start, never in a window that freezes. */
import fc from 'fast-check';
import {
  type ComingWindow,
  isInReach,
  preparationFor,
  windowOrders,
} from '../../../core/capacity/comingWindows';
import { account } from '../../../core/evaluation/costs/account';

const minute = 60_000;
const window = (from: number, to: number, nodes: number, freezes = true): ComingWindow => ({
  fromMs: from * minute,
  toMs: to * minute,
  nodes,
  reason: 'switch',
  freezes,
});
const preparedAt = (windows: ComingWindow[], at: number, lead: number, maxStepUp?: number) => {
  const step = { atMs: at * minute, binMs: minute, maxStepUp };
  const needs = windowOrders(windows, at * minute, lead * minute)
    .filter((order) => isInReach(order, 20, step))
    .map((order) => ({ ...order, nodes: order.window.nodes ?? 0, basis: 'asked for' }));
  return preparationFor(needs, step)?.nodes ?? 0;
};

test('nodes are ordered the lead before the window, not before and not after its start', () => {
  const at = [10, 14, 15, 20, 29, 30].map((now) => preparedAt([window(20, 30, 8)], now, 5));
  expect(at).toEqual([0, 8, 8, 0, 0, 0]);
});

test('what begins in a freeze, or too soon after it to be ordered then, is ordered before it', () => {
  const night = window(20, 40, 3);
  expect(preparedAt([night, window(30, 50, 9)], 14, 5)).toBe(9);
  expect(preparedAt([night, window(43, 50, 9, false)], 14, 5)).toBe(9);
  expect(preparedAt([night, window(46, 50, 9, false)], 14, 5)).toBe(3);
  // An override freezes nothing: what comes after it is ordered in it.
  expect(preparedAt([{ ...night, freezes: false }, window(30, 50, 9)], 14, 5)).toBe(3);
});

test('with a largest step the order begins early enough', () => {
  const at = [4, 12, 13, 14].map((now) => preparedAt([window(20, 30, 9)], now, 5, 3));
  expect(at).toEqual([0, 3, 6, 9]);
});

test('decisions of a freeze on the way add nothing, so the steps are taken before it', () => {
  const windows = [window(20, 22, 2), window(23, 24, 4, false)];
  expect([16, 17, 18, 19].map((now) => preparedAt(windows, now, 1, 1))).toEqual([1, 2, 3, 4]);
});

test('whatever the windows, the step and the phase of the ticks: the nodes take traffic at the start', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      fc.array(
        fc.record({
          from: fc.integer({ min: 60, max: 200 }),
          length: fc.integer({ min: 1, max: 60 }),
          nodes: fc.integer({ min: 2, max: 20 }),
          freezes: fc.boolean(),
        }),
        { minLength: 1, maxLength: 5 },
      ),
      (lead, maxStepUp, drawn) => {
        const windows = drawn.map(({ from, length, nodes, freezes }) =>
          window(from, from + length, nodes, freezes),
        );
        const planned: number[] = [];
        for (let now = 0; now < 300; now++) {
          const before = planned.at(-1) ?? 1;
          const frozen = windows.some(
            ({ freezes, fromMs, toMs }) => freezes && fromMs <= now * minute && now * minute < toMs,
          );
          const held = Math.max(
            0,
            ...windows.flatMap(({ fromMs, toMs, nodes }) =>
              fromMs <= now * minute && now * minute < toMs ? [nodes ?? 0] : [],
            ),
          );
          const wanted = Math.max(1, held, preparedAt(windows, now, lead, maxStepUp));
          planned.push(frozen ? before : Math.min(wanted, before + (maxStepUp ?? 20)));
        }
        const { routable } = account({
          counts: planned.map(() => 0),
          planned,
          leadBins: lead,
          requestsPerNodeBin: 1,
        });
        for (const { fromMs, nodes } of windows)
          expect(routable[fromMs / minute]).toBeGreaterThanOrEqual(nodes ?? 0);
        expect(planned.at(-1)).toBe(1);
      },
    ),
  );
});
