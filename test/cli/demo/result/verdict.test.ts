import type { CategoryResult, DemoResult } from '../../../../cli/demo/result/result';
import { summaryLines } from '../../../../cli/demo/result/summary';
import { shortcomings } from '../../../../cli/demo/result/verdict';

const good: CategoryResult = {
  category: 'checkout',
  origin: 'generated (seed 1)',
  traceFrom: '2026-03-16T07:45:00.000Z',
  traceTo: '2026-03-16T09:00:00.000Z',
  factor: 0.05,
  load: { due: 10_000, sent: 10_000, ok: 10_000, failed: 0, late: 40, refused: 0, ownPool: 9_950 },
  latency: { p50Ms: 204, p95Ms: 260, p99Ms: 420, maxMs: 900 },
  objective: { latencyMs: 500, share: 0.99 },
  nodeBins: 540,
  foresightNodeBins: 450,
  requestsPerNodeBin: 24,
  readiness: { needed: 8, ready: 7, shortBins: 1, bins: 75 },
  peakRoutable: 9,
  overflow: 30,
  occasions: [],
  twinOf: null,
  decisions: { made: 80, onForecastBins: 74, bins: 75, changes: 11, rules: { forecast: 74 } },
  forecast: {
    error: 0.05,
    lastValueError: 0.09,
    scored: 70,
    coverage: 0.986,
    windows: 70,
    aheadBins: 5,
    risk: 0.01,
    families: { boosting: 74 },
    trainedModel: 'boosting',
  },
  troubles: [],
};

test('a run that did its job has no shortcomings', () => {
  expect(shortcomings([good])).toEqual([]);
});

test.each<[string, Partial<CategoryResult>, string]>([
  ['nothing sent', { load: { ...good.load, sent: 0 } }, 'no request was sent'],
  ['default allocation', { decisions: { ...good.decisions, onForecastBins: 30 } }, 'only 30 of 75 bins'],
  ['never trained', { forecast: { ...good.forecast, trainedModel: null } }, 'no trained model'],
  ['no nodes', { peakRoutable: 0 }, 'none of its own nodes'],
  ['failures', { load: { ...good.load, failed: 2 } }, '2 of 10000 requests failed'],
  ['generator overrun', { load: { ...good.load, refused: 11 } }, '11 of 10000 requests could not be sent'],
  ['late', { load: { ...good.load, late: 101 } }, 'took longer than 500 ms; the objective allows 1 %'],
  ['shared pool', { load: { ...good.load, ownPool: 8_000 } }, 'only 80 % of the requests'],
])('%s is named', (_, change, message) => {
  const found = shortcomings([{ ...good, ...change }]);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(message);
});

test('the twin without a calendar fails no run', () => {
  expect(shortcomings([{ ...good, twinOf: 'checkout', load: { ...good.load, late: 5_000 } }])).toEqual([]);
});

test('one failure in ten thousand is within the bar', () => {
  expect(shortcomings([{ ...good, load: { ...good.load, ok: 9_999, failed: 1 } }])).toEqual([]);
});

test('the summary adds up over categories and names what went wrong', () => {
  const other = { ...good, category: 'search', load: { ...good.load, sent: 5_000, ok: 5_000, late: 10 } };
  const result: DemoResult = {
    startedAt: '2026-11-24T09:00:00.000Z',
    generated: true,
    seed: 1,
    binMs: 3_000,
    traceBinMs: 60_000,
    risk: 0.01,
    categories: [good, other],
    worstSendLagMs: 3,
    failures: {},
    uiUrl: 'http://127.0.0.1:8233',
    shortcomings: ['search: something'],
  };
  const text = summaryLines(result, { running: true, jsonFile: null }).join('\n');
  expect(text).toContain('generated workload, seed 1');
  expect(text).toMatch(/all +15000 +0 +50 \(0\.3 %\)/);
  expect(text).toMatch(/all +1080 +900 +1\.20 +14 of 16/);
  expect(text).toContain('http://127.0.0.1:8233');
  expect(text).toContain('did not do its job:\n  - search: something');
});
