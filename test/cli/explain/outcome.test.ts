import { outcomeOf, routableOver } from '../../../cli/explain/outcome';
import type { SettledDecision } from '../../../ports/stores/forecasts/decisionArchive';
import type { NodeLife } from '../../../ports/stores/nodes/nodeStore';

const node = (routableMs: number | null, removedMs: number | null = null): NodeLife => ({
  id: `n${routableMs}`,
  category: 'shop',
  createdMs: 0,
  routableMs,
  removedMs,
  tags: {},
});

const decision: SettledDecision = {
  id: 'shop@1',
  category: 'shop',
  madeMs: 0,
  forecastId: 'shop@1',
  trigger: 'bin',
  demand: 90,
  peakDemand: 100,
  requestsPerNodeBin: 50,
  plan: { required: 2, planned: 2, rule: 'forecast', reason: '' },
  provisioned: 2,
  routable: 1,
  settledMs: 10,
};

const bin = (startMs: number, requests: number, late: number | null = null) => ({
  startMs,
  requests,
  late,
  busySeconds: null,
  capacitySeconds: null,
  errors: null,
});

const window = { decision, originMs: 0, windowEndMs: 3_000, binMs: 1_000 };

test('the outcome compares the peak with the quantile and counts what exceeds the nodes', () => {
  const outcome = outcomeOf({
    ...window,
    totals: [bin(0, 60, 6), bin(1_000, 120), bin(2_000, 20, 0)],
    nodes: [node(-5), node(1_500)],
    nowMs: 5_000,
  });
  expect(outcome).toMatchObject({
    complete: true,
    bins: { measured: 3, of: 3 },
    peak: 120,
    aboveQuantile: true,
  });
  expect(outcome.overflowPlanned).toBeCloseTo(20 / 200, 9);
  // One node in the first bin, one and a half in the second.
  expect(outcome.overflowRoutable).toBeCloseTo((10 + 45) / 200, 9);
  expect(outcome.lateShare).toBeCloseTo(6 / 80, 9);
});

test('what is not over or was not measured is not called good', () => {
  expect(outcomeOf({ ...window, totals: [bin(0, 10)], nodes: [], nowMs: 1_500 })).toMatchObject({
    complete: false,
    bins: { measured: 1, of: 3 },
    aboveQuantile: false,
    lateShare: null,
    overflowRoutable: null,
  });
  expect(outcomeOf({ ...window, totals: [], nodes: [], nowMs: 9_000 })).toMatchObject({
    peak: null,
    aboveQuantile: null,
    overflowPlanned: null,
  });
});

test('a node counts for the part of a bin in which it took traffic', () => {
  expect(routableOver([node(0, 250), node(null), node(900), node(2_000)], 0, 1_000)).toBeCloseTo(0.35, 9);
});
