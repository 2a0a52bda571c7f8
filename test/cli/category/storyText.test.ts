import { answered, type Standing } from '../../../cli/category/standings';
import { standingsTable } from '../../../cli/category/standingsTable';
import { storyText } from '../../../cli/category/storyText';
import { categoryInput } from '../../../core/category/settings';
import type { CategoryStatus } from '../../../workflows/contracts';

const nowMs = Date.UTC(2026, 5, 11, 19);
const status = {
  category: 'shop',
  mode: 'active',
  counts: { required: 3, planned: 4, provisioned: 5, routable: 2 },
  settings: categoryInput.parse({ name: 'shop', match: { pathPrefix: '/shop' } }),
  forecast: {
    forecastId: 'f',
    originMs: nowMs,
    family: 'boosted',
    modelId: 'm',
    peakDemand: 640,
    lastDemand: 512.4,
    horizons: [{ aheadMs: 300_000, p50: 570, upper: 600 }],
    basis: 'boosted (trained on 9000 bins)',
  },
  lead: {
    bins: 9,
    ms: 540_000,
    configuredMs: 300_000,
    sinceMs: nowMs - 3_600_000,
    reason: 'raised from 5 bins, by when of the latest 4 orders 4 were not routable',
    warning: '1 of the latest 5 orders brought no routable node within 15 min',
    orders: 5,
    nodes: 8,
    failed: 1,
    p50Ms: 430_000,
    p95Ms: null,
  },
  hold: { ms: 0, by: 'review', reviewedMs: nowMs - 7_200_000, reason: 'over the latest 9000 decisions' },
  decision: {
    decisionId: 'd',
    atMs: nowMs - 30_000,
    trigger: 'bin',
    required: 3,
    planned: 4,
    rule: 'scale-down-hold',
    reason: 'peak of 640 requests a bin over the lead window ÷ 240 per node = 3 nodes; holding 4',
    requestsPerNodeBin: 240,
  },
  verified: null,
  comingOverrides: [],
  accuracy: {
    modelId: 'm',
    relativeError: 0.816,
    targets: [
      { aheadMs: 0, scores: 512, relativeError: 0.9, coverage: 0.9876, acceptedCoverage: 0.99 },
      { aheadMs: 300_000, scores: 510, relativeError: 0.84, coverage: 0.99, acceptedCoverage: 0.99 },
      { aheadMs: 900_000, scores: 500, relativeError: 0.79, coverage: 0.98, acceptedCoverage: 0.99 },
    ],
    drifts: [],
  },
  health: {
    atMs: nowMs,
    unhealthy: [{ id: 'shop-b', sinceMs: nowMs - 200_000 }],
    replacing: [{ id: 'shop-b', sinceMs: nowMs - 200_000 }],
    givenUp: [
      { id: 'shop-a', sinceMs: nowMs - 1_980_000, atMs: nowMs - 1_800_000 },
      { id: 'shop-b', sinceMs: nowMs - 200_000, atMs: nowMs - 15_000 },
    ],
    finding: null,
  },
  pendingEvents: [
    {
      id: 'e',
      kind: 'match',
      title: 'kick-off',
      startMs: nowMs + 600_000,
      endMs: nowMs + 7_200_000,
      source: 'cal',
    },
  ],
  override: null,
  rejected: [{ atMs: nowMs - 5_000, what: 'signal pause', why: 'reason: too long' }],
  ticks: { done: 7, skipped: 1, nextMs: nowMs + 30_000 },
  training: { running: false, lastResult: 'kept: not clearly better' },
} as unknown as CategoryStatus;

const life = { category: 'shop', runId: 'r', startedMs: nowMs - 86_400_000 * 3, closedMs: null };
const standing: Standing = { ...life, ...answered(status) };

test('the four counts, demand and decision stand in the line of a category, each in its column', () => {
  const [heading = '', line = ''] = standingsTable([standing], nowMs, 400);
  const cell = (name: string, width: number) =>
    line.slice(heading.indexOf(name) + name.length - width, heading.indexOf(name) + name.length).trim();
  expect(['REQUIRED', 'PLANNED', 'PROVISIONED', 'ROUTABLE'].map((name) => cell(name, 4))).toEqual([
    '3',
    '4',
    '5',
    '2',
  ]);
  expect(['ACTUAL', 'PREDICTED', 'PEAK≤'].map((name) => cell(name, 5))).toEqual(['512', '570', '640']);
  expect(['ERROR', 'COVERED'].map((name) => cell(name, 6))).toEqual(['0.82', '98.8 %']);
  expect(line).toContain('30 s ago (bin): peak of 640');
});

test('a category that does not answer shows what is stored, marked, and why it is silent', () => {
  const silent: Standing = {
    ...standing,
    state: 'no answer',
    source: 'stored',
    trouble: 'no worker',
    status: null,
  };
  const lines = standingsTable([silent, { ...silent, category: 'search' }], nowMs, 400);
  expect(lines[1]).toMatch(/no answer +3\* +4\* +5\* +2\* +512\*/);
  expect(lines).toContain('shop, search: no worker');
  expect(lines.at(-1)).toMatch(/^\* as of the last decision/);
});

test.each([60, 100, 400])('the story of a category fits %i columns and loses nothing', (width) => {
  const story = {
    atMs: nowMs,
    standing,
    outcome: null,
    incumbent: null,
    decisions: [],
    temporalUi: 'http://ui',
  };
  const lines = storyText(story, width);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  const text = lines.map((line) => line.trim()).join(' ');
  for (const part of [
    '3 required, 4 planned, 5 provisioned, 2 routable',
    'peak of at most 640 over the lead time of 9 min at a risk of 0.01',
    "error 0.82 of the last value's (5 min ahead 0.84, 15 min ahead 0.79)",
    '98.8 % of 512 peaks within their quantile, 99 % accepted',
    '9 min (9 bins) since 60 min ago, configured 5 min: raised from 5 bins',
    'half within 7 min, 95 % longer than was waited (5 orders, 8 nodes, 1 of them brought no node)',
    'look: 1 of the latest 5 orders',
    'none, chosen 2 h ago: over the latest 9000 decisions',
    'lead 5 min (at first)',
    'per node = 3 nodes; holding 4',
    'kick-off (match) starts in 10 min, lasts 110 min',
    'shop-a given up 30 min ago, unhealthy for 3 min by then',
    'shop-b given up 15 s ago, unhealthy for 3 min by then; it goes when its successor takes traffic',
    'signal pause: reason: too long',
    'kept: not clearly better',
    'http://ui',
  ])
    expect(text).toContain(part);
});
