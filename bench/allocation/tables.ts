/** Results of judged windows → tables in Markdown. */
import { costAt, frontierOf } from '../../simulation/frontier';
import { aboveRival, compare, percent, pointsOf } from './compare';
import { against, at, calibrationOf, geometricMean, insideMatches, judged, rivals } from './findings';
import { heldName, type TraceResult } from './measureTrace';
import type { ModelCost } from './modelCost';
import { calibratedRisks, holdsMs } from './sweeps';

export function excessTable(results: readonly TraceResult[], leads: readonly number[]): string {
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

export function rivalTable(results: readonly TraceResult[]): string {
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

export function aboveTable(results: readonly TraceResult[]): string {
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

export function calibrationTable(results: readonly TraceResult[]): string {
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

export function matchText(results: readonly TraceResult[]): string {
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

export function accuracyTable(results: readonly TraceResult[]): string {
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
export function operatingTable(results: readonly TraceResult[]): string {
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

export function holdText(results: readonly TraceResult[]): string {
  const names = ['pam', ...holdsMs.map(heldName)];
  const counted = judged(results);
  const rows = counted.map((result) => [
    result.trace,
    `${result.leadMinutes}`,
    ...names.map((name) => {
      const { points, foresightCost } = pointsOf(result);
      return `${two(compare(points, foresightCost, 'reactive', name).mean)}, ${actionsOf(result, name).toFixed(0)}`;
    }),
  ]);
  const means = names.map((name) => {
    const ratios = counted.map((result) => {
      const { points, foresightCost } = pointsOf(result);
      return compare(points, foresightCost, 'reactive', name).mean;
    });
    const actions = counted.map((result) => actionsOf(result, name));
    return `${two(geometricMean(ratios))}, ${geometricMean(actions).toFixed(0)}`;
  });
  return `Excess ratio against the best-tuned reactive rule and, at an accepted risk of 1 %, scale actions a day (categories summed up); \`pam\` chooses its hold daily, the others are pinned.\n\n${table(
    ['window', 'lead, min', ...names],
    [...rows, ['geometric mean', '', ...means]],
  )}`;
}

/** Scale actions a day at an accepted risk of 1 %. */
function actionsOf({ figures }: TraceResult, name: string): number {
  return figures.find(({ policy, knob }) => policy === name && knob === '0.01')!.scaleActionsPerDay;
}

export function costText(cost: ModelCost): string {
  return `Boosted model, ${cost.trainedBins.toLocaleString('en')} bins of a minute: fit ${cost.fitSeconds.toFixed(2)} s, forecast ${cost.predictMs.toFixed(3)} ms of processor time at the probabilities and horizons of production, ${cost.storedKb.toFixed(0)} kB stored, ${cost.residentKb.toFixed(0)} kB resident.`;
}

const two = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(2));

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
