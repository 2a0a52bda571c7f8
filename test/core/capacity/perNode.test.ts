/** What a node can take: the utilization law on clean evidence, robust against outliers and broken measurements. */
import fc from 'fast-check';
import { learnRequestsPerNode } from '../../../core/capacity/perNode';

const settings = { configured: 1_200, start: 1_200, concurrency: 4, utilization: 0.7, binMs: 60_000 };
const steady = (perRequest: number, bins: number, requests: number) =>
  Array.from({ length: bins }, () => ({ requests, busySeconds: requests * perRequest }));

test('without evidence it is the configured value', () => {
  expect(learnRequestsPerNode({ ...settings, bins: [] })).toBe(1_200);
  expect(
    learnRequestsPerNode({
      ...settings,
      bins: [
        { requests: 0, busySeconds: 0 },
        { requests: 900, busySeconds: null },
      ],
    }),
  ).toBe(1_200);
});

test('much evidence brings it to slots × seconds × utilization ÷ service time', () => {
  // 4 slots × 60 s × 0.7 ÷ 0.25 s = 672 requests a bin.
  const learned = learnRequestsPerNode({ ...settings, bins: steady(0.25, 120, 3_000) });
  expect(learned).toBeGreaterThan(665);
  expect(learned).toBeLessThan(680);
});

test('little evidence moves it a little', () => {
  const learned = learnRequestsPerNode({ ...settings, bins: steady(0.25, 1, 50) });
  expect(learned).toBeLessThan(1_200);
  expect(learned).toBeGreaterThan(1_050);
});

test('a few absurd bins do not move it', () => {
  const clean = steady(0.25, 100, 1_000);
  const broken = [...clean, ...steady(40, 8, 1_000), ...steady(1e-6, 8, 1_000)];
  expect(learnRequestsPerNode({ ...settings, bins: broken })).toBeCloseTo(
    learnRequestsPerNode({ ...settings, bins: clean }),
    0,
  );
});

test('it stays finite, positive and within a factor of eight of the configured value', () => {
  const anyBin = fc.record({
    requests: fc.double({ min: 0, max: 1e6, noNaN: true }),
    busySeconds: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
  });
  fc.assert(
    fc.property(
      fc.array(anyBin, { maxLength: 30 }),
      fc.double({ min: 0.1, max: 1e5, noNaN: true }),
      (bins, configured) => {
        const learned = learnRequestsPerNode({ ...settings, bins, configured });
        expect(learned).toBeGreaterThanOrEqual(configured / 8);
        expect(learned).toBeLessThanOrEqual(configured * 8);
      },
    ),
  );
});

test('requests that take longer never raise what a node can take', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 10, noNaN: true }),
      fc.double({ min: 0.001, max: 10, noNaN: true }),
      (one, other) => {
        const [quick, slow] = [Math.min(one, other), Math.max(one, other)];
        const learn = (perRequest: number) =>
          learnRequestsPerNode({ ...settings, bins: steady(perRequest, 20, 100) });
        expect(learn(slow)).toBeLessThanOrEqual(learn(quick) + 1e-9);
      },
    ),
  );
});
