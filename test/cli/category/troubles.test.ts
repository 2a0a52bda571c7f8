/** What is wrong with a category, from its own answer: each kind is found, the most dangerous first, and a healthy one has none. */
import { answered, type Standing } from '../../../cli/category/standings';
import { standingsTable } from '../../../cli/category/standingsTable';
import { troubleInShort, troublesOf } from '../../../cli/category/troubles';
import { categoryInput } from '../../../core/category/settings';
import type { CategoryStatus } from '../../../workflows/contracts';

const nowMs = Date.UTC(2026, 5, 11, 19);
const healthy = {
  category: 'shop',
  mode: 'active',
  counts: { required: 3, planned: 3, provisioned: 3, routable: 3 },
  settings: categoryInput.parse({ name: 'shop', match: { pathPrefix: '/shop' } }),
  forecast: { stage: 'own-model', lastDemand: 500, peakDemand: 600, horizons: [], distrust: null },
  decision: { atMs: nowMs - 30_000, trigger: 'bin', planned: 3, rule: 'required', reason: 'enough' },
  verified: { finding: '3 of 3 routable' },
  lead: { warning: null },
  accuracy: { targets: [], drifts: [], relativeError: null },
  health: null,
  rejected: [],
  ticks: { done: 7, skipped: 0, nextMs: nowMs + 30_000 },
  training: { running: false, lastResult: 'kept' },
} as unknown as CategoryStatus;

const standing = (change: object = {}): Standing => ({
  ...{ category: 'shop', runId: 'r', startedMs: 0, closedMs: null },
  ...answered({ ...healthy, ...change } as CategoryStatus),
});
const kinds = (change: object) => troublesOf(standing(change), nowMs).map(({ kind }) => kind);

test('a healthy category has none', () => {
  expect(troublesOf(standing(), nowMs)).toEqual([]);
  expect(standingsTable([standing()], nowMs, 400)[1]).toMatch(/ - +30 s ago/);
});

test.each<[string, object, string[]]>([
  ['its look is overdue', { ticks: { done: 7, skipped: 0, nextMs: nowMs - 300_000 } }, ['ticks late']],
  [
    'steps that failed lately, each once; those of long ago are over',
    {
      rejected: [
        { atMs: nowMs - 3_600_000, what: 'step verify', why: 'old' },
        { atMs: nowMs - 90_000, what: 'step scale', why: 'no such file' },
        { atMs: nowMs - 30_000, what: 'step scale', why: 'no such file' },
      ],
    },
    ['scale fails'],
  ],
  [
    'a signal that was refused',
    { rejected: [{ atMs: nowMs - 60_000, what: 'signal pause', why: 'x' }] },
    ['signal pause refused'],
  ],
  [
    'no node serves',
    { counts: { required: 3, planned: 3, provisioned: 3, routable: 0 } },
    ['no node serves'],
  ],
  [
    'nodes that never come up, and others',
    { health: { unhealthy: [{ id: 'a', sinceMs: 0, neverUp: true }], finding: 'a never came up' } },
    ['1 never up'],
  ],
  ['the last bin is missing', { forecast: { ...healthy.forecast, lastDemand: null } }, ['bin missing']],
  [
    'its model is not trusted',
    {
      forecast: {
        ...healthy.forecast,
        distrust: { modelId: 'm', sinceMs: nowMs - 60_000, reason: 'too wrong' },
      },
    },
    ['model distrusted'],
  ],
  [
    'its training fails',
    { training: { running: false, lastResult: 'failed: no memory' } },
    ['training fails'],
  ],
  ['nodes are late', { lead: { warning: '2 orders brought no node' } }, ['nodes late']],
])('%s', (_, change, expected) => {
  expect(kinds(change)).toEqual(expected);
});

test('several: what takes nodes or decisions away stands first, the column has it and their number', () => {
  const troubles = troublesOf(
    standing({
      forecast: { ...healthy.forecast, lastDemand: null },
      counts: { required: 3, planned: 3, provisioned: 3, routable: 0 },
      rejected: [{ atMs: nowMs - 30_000, what: 'step scale', why: 'the disk is full' }],
    }),
    nowMs,
  );
  expect(troubles.map(({ kind }) => kind)).toEqual(['scale fails', 'no node serves', 'bin missing']);
  expect(troubles[0]?.text).toBe(
    'scale failed 30 s ago: the disk is full (the nodes stay as they are, the next tick tries again)',
  );
  expect(troubleInShort(troubles)).toBe('scale fails (+2)');
});

test('one that does not answer, or whose workflow has failed, says so', () => {
  const silent = { ...standing(), status: null, state: 'no answer', trouble: 'no worker answers' };
  expect(troublesOf(silent, nowMs)).toEqual([{ kind: 'no answer', text: 'no worker answers' }]);
  expect(troublesOf({ ...silent, state: 'terminated', trouble: null }, nowMs)[0]?.kind).toBe('terminated');
});
