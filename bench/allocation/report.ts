/** Results of all windows and leads → the fragment of RESULTS.md: tables and the bars. */
import { costAt, excessRatio, frontierOf } from '../../simulation/frontier';
import { atMost, type Bar, type Fragment } from '../fragment';
import { aboveRival, type Comparison, compare, percent, pointsInside, pointsOf } from './compare';
import { heldName, type TraceResult } from './measureTrace';
import type { ModelCost } from './modelCost';
import { calibratedRisks, holdsMs } from './sweeps';

const rivals = [
  'reactive',
  'scheduled',
  'last-value',
  'seasonal-naive',
  'moving-peak',
  'static-peak',
] as const;
const withCalendar = 'wc98';
const withoutCalendar = 'wc98 without calendar';
/** Calibration is judged on this many decisions and more. */
const manyDecisions = 10_000;
const fineBinMs = 300_000;

export function allocationFragment(
  results: readonly TraceResult[],
  cost: ModelCost,
  fast: boolean,
): Fragment {
  const leads = [...new Set(results.map(({ leadMinutes }) => leadMinutes))];
  const first = results.filter(({ leadMinutes }) => leadMinutes === leads[0]);
  return {
    name: 'allocation',
    title: 'Allocation: what nodes cost at the same share of late requests',
    commands: [
      `nice -n 10 node --expose-gc -r ./test/support/compileTypeScript.js bench/allocation/run.ts${fast ? ' --fast' : ''}`,
    ],
    fast,
    bars: [
      ...leads.flatMap((lead) => excessBars(at(results, lead), lead)),
      frontierBar(results),
      ...calibrationBars(results),
      ...matchBars(first),
      ...accuracyBars(first),
      atMost('a forecast on a tick, ms, per category', cost.predictMs, 2, null),
      atMost('resident per category, MB', cost.residentKb / 1_000, 1, null),
      atMost('a fit on four weeks of minutes, s', cost.fitSeconds, 3, null),
    ],
    text: [
      intro,
      '### Excess ratio against the best-tuned reactive rule',
      excessTable(results, leads),
      '### Against every rival',
      rivalTable(results),
      '### Where PAM is above a rival',
      aboveTable(results),
      '### Calibration: realized ÷ accepted risk',
      calibrationTable(results),
      '### World Cup matches, with the calendar against without',
      matchText(results),
      '### Forecasts',
      accuracyTable(first),
      '### At an accepted risk of 1 %',
      operatingTable(results),
      '### Scale-down hold',
      holdText(results),
      '### Cost of a model',
      costText(cost),
    ].join('\n\n'),
  };
}

const intro = `Excess is cost above that of the plan that knows the future, in node-bins; the ratio is PAM's ÷ the rival's at the same overflow rate, mean over those of 1 %, 0.3 % and 0.1 % that both frontiers reach. PAM has one configuration, refitted daily on the past alone; its frontier comes from the accepted risk, the rivals' from their own knobs, tuned in hindsight. Where a rival reaches none of the three rates, the lowest of 2, 3, 5, 10 and 20 % that both reach is compared; where there is none, utilization targets of the reactive rule below 0.1 and above 0.98 and risks from 0.0001 to 0.65 are added. What was compared is said.`;

/** Windows that the mean is taken over: the calendar is known. */
const judged = (results: readonly TraceResult[]) => results.filter(({ trace }) => trace !== withoutCalendar);
const at = (results: readonly TraceResult[], lead: number) =>
  results.filter(({ leadMinutes }) => leadMinutes === lead);

function against(result: TraceResult, rival: string): Comparison {
  const { points, foresightCost } = pointsOf(result);
  return compare(points, foresightCost, rival);
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(Math.max(value, 1e-3)), 0) / values.length);
}

function excessBars(results: readonly TraceResult[], lead: number): Bar[] {
  const ratios = judged(results).map((result) => ({ of: result.trace, ...against(result, 'reactive') }));
  const worst = ratios.reduce((most, one) => (one.mean <= most.mean ? most : one));
  const mean = geometricMean(ratios.map((one) => one.mean));
  return [
    atMost(`excess ratio against best-tuned reactive, lead ${lead} min, geometric mean`, mean, 0.5, 0.35),
    atMost(`the worst of them, lead ${lead} min (${worst.of})`, worst.mean, 0.8, null),
  ];
}

function frontierBar(results: readonly TraceResult[]): Bar {
  const checked = results.flatMap((result) => rivals.map((rival) => aboveRival(result, rival)));
  const rates = checked.reduce((sum, one) => sum + one.rates, 0);
  const above = checked.reduce((sum, one) => sum + one.above.length, 0);
  return {
    figure: 'frontier nowhere above any rival (rates of 0.01 to 10 %, all windows and leads)',
    bar: 'nowhere',
    beyond: null,
    measured: above === 0 ? `nowhere, at ${rates} rates` : `above at ${above} of ${rates} rates`,
    met: above === 0,
    beyondMet: null,
  };
}

function calibrationOf({ figures }: TraceResult): { risk: number; ratio: number; decisions: number }[] {
  return calibratedRisks.map((risk) => {
    const found = figures.find(({ policy, knob }) => policy === 'pam' && knob === `${risk}`)!;
    return { risk, ratio: (found.realizedQuantileRisk ?? Number.NaN) / risk, decisions: found.decisions };
  });
}

function calibrationBars(results: readonly TraceResult[]): Bar[] {
  const counted = results.filter((result) => calibrationOf(result)[0]!.decisions > manyDecisions);
  if (counted.length === 0) return [];
  return calibratedRisks.map((risk, which) => {
    const ratios = counted.map((result) => calibrationOf(result)[which]!.ratio);
    const within = (low: number, high: number) => ratios.every((ratio) => ratio >= low && ratio <= high);
    return {
      figure: `realized ÷ accepted risk at ${percent(risk)}, windows of over 10,000 decisions, all leads`,
      bar: '0.7 to 1.3',
      beyond: '0.85 to 1.15',
      measured: `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      met: within(0.7, 1.3),
      beyondMet: within(0.85, 1.15),
    };
  });
}

/** Excess with the calendar ÷ excess without it, inside the matches; NaN without both windows. */
function insideMatches(results: readonly TraceResult[]): ReturnType<typeof excessRatio> | null {
  const told = results.find(({ trace }) => trace === withCalendar);
  const untold = results.find(({ trace }) => trace === withoutCalendar);
  if (told === undefined || untold === undefined) return null;
  const own = (result: TraceResult) =>
    frontierOf(pointsInside(result).points.filter(({ policy }) => policy === 'pam'));
  return excessRatio(withoutCalendar, own(told), own(untold), pointsInside(told).foresightCost);
}

function matchBars(results: readonly TraceResult[]): Bar[] {
  const ratio = insideMatches(results)?.mean;
  return ratio == null
    ? []
    : [atMost('wc98 inside match windows, excess with the calendar ÷ without', ratio, 0.8, 0.65)];
}

function accuracyBars(results: readonly TraceResult[]): Bar[] {
  const all = judged(results);
  const fine = all.filter(({ binMs }) => binMs <= fineBinMs);
  if (fine.length === 0) return [];
  const mae = (place: number) =>
    geometricMean(
      fine.map(({ accuracy }) => {
        const pair = accuracy!.absolute[place]!;
        return pair.own / pair.last;
      }),
    );
  const losses = all.map(({ accuracy }) => accuracy!.pinball.own / accuracy!.pinball.last);
  return [
    atMost('MAE ÷ last value, 5 min, geometric mean over bins of 1 and 5 min', mae(0), 0.8, 0.75),
    atMost('MAE ÷ last value, 15 min, geometric mean over bins of 1 and 5 min', mae(1), 0.75, 0.68),
    atMost(
      'pinball loss at 0.95 ÷ last value with its best factor, geometric mean',
      geometricMean(losses),
      0.65,
      0.58,
    ),
  ];
}

function excessTable(results: readonly TraceResult[], leads: readonly number[]): string {
  const windows = [...new Set(results.map(({ trace }) => trace))];
  const rows = windows.map((trace) =>
    leads.map((lead) => {
      const found = results.find((one) => one.trace === trace && one.leadMinutes === lead)!;
      const { mean, at: rates, instead } = against(found, 'reactive');
      return `${two(mean)}${instead === null ? ` (${rates.map(({ ratio }) => two(ratio)).join(' ')})` : `, ${instead}`}`;
    }),
  );
  return table(
    ['window', ...leads.map((lead) => `lead ${lead} min: mean (at 1, 0.3, 0.1 % where reached)`)],
    windows.map((trace, row) => [trace, ...rows[row]!]),
  );
}

function rivalTable(results: readonly TraceResult[]): string {
  return table(
    ['window', 'lead, min', ...rivals],
    results.map((result) => [
      result.trace,
      `${result.leadMinutes}`,
      ...rivals.map((rival) => {
        const { mean, instead } = against(result, rival);
        return instead === null ? two(mean) : `${two(mean)} ${Number.isNaN(mean) ? '' : instead}`.trim();
      }),
    ]),
  );
}

function aboveTable(results: readonly TraceResult[]): string {
  const rows = results.flatMap((result) =>
    rivals.flatMap((rival) => {
      const { rates, above } = aboveRival(result, rival);
      if (above.length === 0) return [];
      const worst = above.reduce((most, one) => (one.dearer > most.dearer ? one : most));
      const span = [above[0]!, above.at(-1)!].map(({ overflowRate }) => percent(overflowRate));
      return [
        [
          result.trace,
          `${result.leadMinutes}`,
          rival,
          `${above.length} of ${rates}`,
          [...new Set(span)].join(' to '),
          `${percent(worst.dearer)} at ${percent(worst.overflowRate)}`,
        ],
      ];
    }),
  );
  if (rows.length === 0) return 'Nowhere.';
  return table(['window', 'lead, min', 'rival', 'rates', 'overflow rates', 'dearer at most by'], rows);
}

function calibrationTable(results: readonly TraceResult[]): string {
  return table(
    ['window', 'lead, min', 'decisions', ...calibratedRisks.map(percent)],
    results.map((result) => {
      const found = calibrationOf(result);
      return [
        result.trace,
        `${result.leadMinutes}`,
        found[0]!.decisions.toLocaleString('en'),
        ...found.map(({ ratio }) => two(ratio)),
      ];
    }),
  );
}

function matchText(results: readonly TraceResult[]): string {
  const rows = [...new Set(results.map(({ leadMinutes }) => leadMinutes))].flatMap((lead) => {
    const found = insideMatches(at(results, lead));
    if (found?.mean == null) return [];
    return [
      [
        `${lead}`,
        two(found.mean),
        ...found.at.map(({ ratio, overflowRate }) => `${two(ratio)} at ${percent(overflowRate)}`),
      ],
    ];
  });
  const width = Math.max(2, ...rows.map(({ length }) => length));
  return `Excess of PAM that knows the calendar ÷ that of PAM that does not, in bins inside matches and the lead before them, at the overflow rates inside them.\n\n${table(
    ['lead, min', 'mean', ...Array.from({ length: width - 2 }, () => '')],
    rows.map((row) => [...row, ...Array.from({ length: width - row.length }, () => '')]),
  )}`;
}

function accuracyTable(results: readonly TraceResult[]): string {
  return `MAE of the median 5 and 15 minutes ahead (one bin where bins are coarser) and pinball loss of the lead window's peak at 0.95, each ÷ that of the last value; for the loss with the constant factor that is best in hindsight.\n\n${table(
    ['window', '5 min', '15 min', 'pinball 0.95'],
    results.map(({ trace, accuracy }) => [
      trace,
      ...[0, 1].map((place) => {
        const pair = accuracy!.absolute[Math.min(place, accuracy!.absolute.length - 1)]!;
        return two(pair.own / pair.last);
      }),
      two(accuracy!.pinball.own / accuracy!.pinball.last),
    ]),
  )}`;
}

/** What an owner gets who accepts 1 %, beside the reactive target that overflows as little. */
function operatingTable(results: readonly TraceResult[]): string {
  return table(
    [
      'window',
      'lead, min',
      'overflow',
      'cost ÷ foresight',
      'reactive at the same overflow',
      'scale actions a day',
      'reactive',
    ],
    results.map((result) => {
      const own = result.figures.find(({ policy, knob }) => policy === 'pam' && knob === '0.01')!;
      const reactive = result.figures.filter(({ policy, usual }) => policy === 'reactive' && usual);
      const cost = costAt(frontierOf(reactive), own.overflowRate);
      const nearest = reactive.reduce((best, one) =>
        Math.abs(one.overflowRate - own.overflowRate) < Math.abs(best.overflowRate - own.overflowRate)
          ? one
          : best,
      );
      return [
        result.trace,
        `${result.leadMinutes}`,
        percent(own.overflowRate),
        (own.cost / own.foresightCost).toFixed(3),
        cost === null ? 'not reached' : (cost / own.foresightCost).toFixed(3),
        own.scaleActionsPerDay.toFixed(0),
        nearest.scaleActionsPerDay.toFixed(0),
      ];
    }),
  );
}

function holdText(results: readonly TraceResult[]): string {
  const names = ['pam', ...holdsMs.map(heldName)];
  const counted = judged(results);
  const rows = counted.map((result) => [
    result.trace,
    `${result.leadMinutes}`,
    ...names.map((name) => {
      const { points, foresightCost } = pointsOf(result);
      const actions = result.figures.find(({ policy, knob }) => policy === name && knob === '0.01')!;
      return `${two(compare(points, foresightCost, 'reactive', name).mean)}, ${actions.scaleActionsPerDay.toFixed(0)}`;
    }),
  ]);
  const means = names.map((name) =>
    two(
      geometricMean(
        counted.map((result) => {
          const { points, foresightCost } = pointsOf(result);
          return compare(points, foresightCost, 'reactive', name).mean;
        }),
      ),
    ),
  );
  return `Excess ratio against the best-tuned reactive rule and, at an accepted risk of 1 %, scale actions a day (categories summed up); \`pam\` has the default hold.\n\n${table(
    ['window', 'lead, min', ...names],
    [...rows, ['geometric mean', '', ...means]],
  )}`;
}

function costText(cost: ModelCost): string {
  return `Boosted model, ${cost.trainedBins.toLocaleString('en')} bins of a minute: fit ${cost.fitSeconds.toFixed(2)} s, forecast ${cost.predictMs.toFixed(3)} ms (99th percentile ${cost.predictMs99.toFixed(3)} ms) at the probabilities and horizons of production, ${cost.storedKb.toFixed(0)} kB stored, ${cost.residentKb.toFixed(0)} kB resident.`;
}

const two = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(2));

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
