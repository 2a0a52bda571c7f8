/** The report: what it says, that it needs nothing else, and that no name can break out of its text. */
import { drawChart, logTicks, roundTicks } from '../../../cli/report/chart';
import { html } from '../../../cli/report/html';
import { reportPage } from '../../../cli/report/page';
import { verdictOf } from '../../../cli/report/verdict';
import { readScorecard, type ScorecardFile } from '../../../cli/simulate/scorecardFile';

const nasty = `<script>alert("x")</script>'&`;

const category = {
  category: nasty,
  requestsPerNode: 10,
  bins: 60,
  missingBins: 0,
  demand: 600,
  overflow: 3,
  overflowBins: 2,
  cost: 90,
  foresightCost: 60,
  scaleActions: 4,
  days: 1,
  decisions: 60,
  exceeded: 1,
  quantileDecisions: 60,
  quantileExceeded: 2,
};

function policy(name: string, knob: string, overflowRate: number, cost: number, risk: number | null = null) {
  return {
    policy: name,
    knob,
    acceptedRisk: risk,
    overflowRate,
    overflowBins: 0.02,
    cost,
    foresightCost: 60,
    costRatio: cost / 60,
    scaleActionsPerDay: 4,
    decisions: 60,
    realizedRisk: 0.01,
    realizedQuantileRisk: risk === null ? null : 0.02,
    categories: [category],
  };
}

const scorecard: ScorecardFile = {
  version: 1,
  name: `shop ${nasty}`,
  trace: 'shop.csv',
  calendars: [],
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-02T00:00:00Z',
  binMs: 60_000,
  leadMs: 300_000,
  capacity: 'auto',
  family: 'boosted',
  seed: 1,
  holdMs: 60_000,
  policies: [
    policy('pam', '0.03', 0.01, 70, 0.03),
    policy('pam', '0.01', 0.002, 90, 0.01),
    policy('reactive', '0.5', 0.001, 150),
    policy('reactive', '0.6', 0.002, 120),
    policy('reactive', '0.9', 0.02, 80),
  ],
  excessRatios: [],
  atEqualOverflow: [{ knob: '0.01', rival: 'reactive', overflowRate: 0.002, ratio: 0.5 }],
  windows: [
    {
      category: nasty,
      label: 'worst',
      startMs: Date.UTC(2026, 0, 1, 12),
      binMs: 60_000,
      requestsPerNode: 10,
      knob: '0.01',
      probabilities: [0.5, 0.9, 0.95, 0.99],
      counts: [10, null, 30, 40],
      peaks: [30, 40, 40, null],
      quantiles: [[20, 30, 35, 40], [], [25, 35, 40, 45], [30, 40, 45, 50]],
      planned: [4, 4, 5, 5],
      routable: [4, 4, 4, 5],
    },
  ],
};

test('the page loads nothing from elsewhere and lets no name out of its text', () => {
  const page = reportPage([scorecard, scorecard], 'pam 0');
  expect(page).not.toMatch(/<script|(src|href)=|url\(|@import/i);
  expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;');
  expect(page).not.toMatch(/NaN|undefined|\[object/);
  // What is opened is closed.
  for (const tag of ['section', 'table', 'figure', 'details', 'svg'])
    expect(page.split(`<${tag}`).length).toBe(page.split(`</${tag}>`).length);
});

test('the verdict compares with the cheapest rival of the same service', () => {
  const [verdict, ...more] = verdictOf(scorecard);
  // 120 − 90 bins of a minute are half an hour; the target 0.5 would be dearer, 0.9 lets more overflow.
  expect(verdict).toContain('0.5 node-hours less');
  expect(verdict).toContain('(target 0.6): 25 % of its cost');
  expect(more.join(' ')).toContain('2 % of 60 decisions, which is more than was accepted');
});

test('a dearer PAM is told as it is, and one without a rival of its service as well', () => {
  const dear = {
    ...scorecard,
    policies: [policy('pam', '0.01', 0.002, 150, 0.01), policy('reactive', '0.6', 0.002, 120)],
  };
  expect(verdictOf(dear)[0]).toMatch(/0\.5 node-hours more .* 25 %\. Stay in forecast-only/);
  const alone = {
    ...scorecard,
    policies: [policy('pam', '0.01', 0.0001, 90, 0.01), policy('reactive', '0.9', 0.02, 80)],
  };
  expect(verdictOf(alone)[0]).toMatch(/No knob of the reactive autoscaler/);
  expect(verdictOf({ ...scorecard, policies: [] })[0]).toMatch(/there is no verdict/);
});

test('a missing bin interrupts the line instead of being drawn as zero', () => {
  const axis = { from: 0, to: 4, ticks: [], label: '' };
  const { html: drawing } = drawChart({
    label: 'x',
    x: axis,
    y: axis,
    lines: [
      {
        style: 'a',
        points: [
          [0, 1],
          [1, Number.NaN],
          [2, 2],
          [3, 3],
        ],
      },
    ],
  });
  expect(drawing.match(/d="([^"]+)"/)?.[1]?.split('M').length).toBe(3);
});

test('ticks are round and within', () => {
  expect(roundTicks(0, 100)).toEqual([0, 20, 40, 60, 80, 100]);
  expect(logTicks(0.001, 0.1)).toEqual([0.001, 0.003, 0.01, 0.03, 0.1]);
  expect(html`<b>${'a<b'}</b>${[html`<i>${1}</i>`]}`.html).toBe('<b>a&lt;b</b><i>1</i>');
});

test('what is no scorecard is refused with its place and what would be right', () => {
  expect(() => readScorecard('{', 'a/scorecard.json')).toThrow(
    /a\/scorecard\.json is not JSON .* expected a scorecard\.json/,
  );
  expect(() => readScorecard(JSON.stringify({ ...scorecard, version: 2 }), 's.json')).toThrow(
    /s\.json is not a scorecard .*version/,
  );
  expect(readScorecard(JSON.stringify(scorecard), 's.json').name).toBe(scorecard.name);
});
