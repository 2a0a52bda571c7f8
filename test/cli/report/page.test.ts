/** The report: what it says, that it needs nothing else, and that no name can break out of its text. */
import { drawChart, logTicks, roundTicks } from '../../../cli/report/chart';
import { frontierChart } from '../../../cli/report/frontierChart';
import { html } from '../../../cli/report/html';
import { reportPage } from '../../../cli/report/page';
import { verdictOf } from '../../../cli/report/verdict';
import { readScorecard, type ScorecardFile } from '../../../cli/simulate/scorecardFile';

const nasty = `<script>alert("x")</script>'&`;

const category = {
  category: nasty,
  requestsPerNodeBin: 10,
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
      requestsPerNodeBin: 10,
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
  expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|url\(|@import|https?:/i);
  // Links point to the sections of the page itself, and each goes somewhere.
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, to]) => to);
  expect(links).toEqual(['#trace-1', '#trace-2']);
  for (const link of links) expect(page).toContain(`id="${link!.slice(1)}"`);
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
  expect(verdict).toContain('(target 0.6, tuned in hindsight): 25 % of its cost');
  // 60 decisions are 10 lead windows: twice the accepted risk may be chance, in 60,000 decisions it isn't.
  expect(more.join(' ')).toContain('2 % of 60 decisions, which is within chance');
  const long = { ...scorecard, policies: scorecard.policies.map((one) => ({ ...one, decisions: 60_000 })) };
  expect(verdictOf(long).join(' ')).toContain('2 % of 60,000 decisions, which is more than was accepted');
});

test('a dearer PAM is told as it is, and one without a rival of its service as well', () => {
  const dear = {
    ...scorecard,
    policies: [policy('pam', '0.01', 0.002, 150, 0.01), policy('reactive', '0.6', 0.002, 120)],
  };
  expect(verdictOf(dear)[0]).toMatch(/0\.5 node-hours more .* 25 % of its cost\. Stay in forecast-only/);
  const alone = {
    ...scorecard,
    policies: [policy('pam', '0.01', 0.0001, 90, 0.01), policy('reactive', '0.9', 0.02, 80)],
  };
  expect(verdictOf(alone)[0]).toMatch(/no target of it lets as few .* \(target 0\.9\) lets 2 % overflow/);
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

test('a forecast that is not there leaves a hole in the band', () => {
  const axis = { from: 0, to: 4, ticks: [], label: '' };
  const bands = [
    { style: 'b', points: [[0, 1, 2] as const, [1, Number.NaN, Number.NaN] as const, [2, 1, 3] as const] },
  ];
  const { html: drawing } = drawChart({ label: 'x', x: axis, y: axis, bands, lines: [] });
  expect(drawing.match(/class="b" d="([^"]+)"/)?.[1]?.split('Z').length).toBe(3);
});

test('the parts of the page, in order', () => {
  const page = reportPage([scorecard], 'pam 0');
  const headings = [...page.matchAll(/<(h[123]|caption|summary)>([^<]*)/g)].map(([, , text]) => text);
  expect(headings).toEqual([
    'What PAM would have allocated',
    expect.stringContaining('shop'),
    'Cost against overflow',
    expect.stringMatching(/^Waste above perfect foresight/),
    'Forecast and demand',
    'Calibration',
    expect.stringMatching(/^How often the highest demand/),
    'All policies and knobs',
    'Every policy and knob',
  ]);
  for (const drawing of page.match(/<svg [^>]*>/g) ?? [])
    expect(drawing).toMatch(/aria-label=".+"|aria-hidden/);
  expect(page).toContain('<b>Worst hours</b>');
  // Both accepted risks, with what came true.
  expect(page).toContain('<tr><th scope="row">3 %</th><td>2 %</td><td>0.667</td>');
});

test('a hundred categories fold away: one is open, each has its figures', () => {
  const named = Array.from({ length: 100 }, (_, index) => ({
    ...category,
    category: `tenant-${index}`,
    demand: index,
  }));
  const many = {
    ...scorecard,
    policies: scorecard.policies.map((one) => ({ ...one, categories: named })),
    windows: [3, 98, 99].map((index) => ({ ...scorecard.windows[0]!, category: `tenant-${index}` })),
  };
  const page = reportPage([many], 'pam 0');
  expect(page.match(/<details open>/g)).toHaveLength(1);
  expect(page).toContain('<details open><summary>tenant-99</summary>');
  expect(page).toContain('The 3 largest of 100 categories.');
  expect(page.match(/<th scope="row">tenant-42<\/th>/g)).toHaveLength(2);
});

test('a policy without overflow stands at the edge of the frontier instead of vanishing', () => {
  const { html: drawing } = frontierChart({
    ...scorecard,
    policies: [...scorecard.policies, policy('pam', '0.001', 0, 100, 0.001)],
  });
  expect(drawing).toContain('>none<');
  expect(drawing).toContain('pam 0.001: overflow 0 %, cost 1.67 × foresight');
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
    /s\.json is a scorecard of version 2; this pam reads version 1/,
  );
  expect(() => readScorecard(JSON.stringify({ ...scorecard, policies: 7 }), 's.json')).toThrow(
    /s\.json is not a scorecard .*policies/,
  );
  expect(readScorecard(JSON.stringify(scorecard), 's.json').name).toBe(scorecard.name);
});
