/** Figures of every part → tables in Markdown: one that sums up, and one or two a part by trace and seed. */

import { injections } from '../drift/runForecasts';
import { grouped, percentage, shown, table } from './markdown';
import { driftVariants, levelVariants } from './parts/driftTests';
import { guards } from './parts/guards';
import { changes, failures } from './replay/scenarios';
import { type AblationResults, foundIn, keyOfWhere, summaryTable } from './summary';

export function ablationText(results: AblationResults): string {
  return [
    'Waste is the loss that models are selected by: cost above foresight ÷ foresight, a missing node priced by the risk, geometric mean over 1, 3 and 10 %.',
    '### What each part costs and brings',
    summaryTable(results),
    '### The families alone',
    'Four days, refitted daily; `excess` against the best-tuned reactive rule, MAE and pinball loss ÷ those of the last value, `calibration` realized ÷ accepted 1 %.',
    familiesTable(results),
    '### Searches with and without the costly families',
    'What serves is chosen daily; the first two days are judged on only.',
    searchesTable(results),
    '### Borrowed models',
    'A category that begins beside trained ones, its first 240 bins.',
    begunTable(results),
    '### Trust and rollback',
    'Waste over the bins that were followed; in brackets the bins until a guard acted, and the share of decisions that it replaced.',
    guardsTable(results),
    '### Tests for drift, each left out',
    'Alarms without a change, and changes found within 60 bins and while they were followed.',
    driftTable(results),
    '### Tests of the level, each left out, on more changes',
    'No forecasts and no randomness; changes that move the demand by at least 1.5 times.',
    levelsTable(results),
    '### What an alarm changes',
    'Waste of the bins that were followed, fitted anew at every alarm ÷ daily alone.',
    refitsTable(results),
    'What the training that an alarm starts chooses: the waste of the configurations on its folds, and the outcome.',
    retrainingsTable(results),
  ].join('\n\n');
}

function familiesTable({ families }: AblationResults): string {
  return table(
    [
      'trace',
      'seed',
      'family',
      'excess',
      'waste',
      'MAE',
      'pinball 0.95',
      'calibration',
      'a fit, s',
      'a forecast, ms',
      'stored, kB',
    ],
    families.map((figures) => [
      ...[figures.trace, `${figures.seed}`, figures.family],
      `${shown(figures.excess)}${figures.excessAt === null || figures.excess === null ? '' : ` ${figures.excessAt}`}`,
      shown(figures.waste, 3),
      figures.mae.map((ratio) => shown(ratio)).join(' '),
      ...[shown(figures.pinball95), shown(figures.calibration), shown(figures.fitSeconds, 1)],
      ...[shown(figures.forecastMs), shown(figures.storedKb, 0)],
    ]),
  );
}

function searchesTable({ searches }: AblationResults): string {
  return table(
    [
      'trace',
      'seed',
      'costly families',
      'chosen',
      'excess',
      'waste',
      'pinball 0.95',
      'calibration',
      'fits of a search, s',
    ],
    searches.map((figures) => [
      ...[figures.trace, `${figures.seed}`, figures.costly.join(', ') || 'none', figures.chosen.join(', ')],
      `${shown(figures.excess)}${figures.excessAt === null || figures.excess === null ? '' : ` ${figures.excessAt}`}`,
      ...[shown(figures.waste, 3), shown(figures.pinball95), shown(figures.calibration)],
      shown(figures.searchSeconds, 0),
    ]),
  );
}

function begunTable({ begun }: AblationResults): string {
  return table(
    [
      'trace',
      'seed',
      'category',
      'began',
      'borrowed',
      'waste with',
      'without',
      'ratio',
      'pinball 0.99, ratio',
    ],
    begun.map(({ trace, seed, category, startMs, borrowed, waste, pinball99 }) => [
      ...[trace, `${seed}`, category, new Date(startMs).toISOString().slice(0, 16), percentage(borrowed)],
      ...[shown(waste.with, 3), shown(waste.without, 3), shown(waste.with / waste.without), shown(pinball99)],
    ]),
  );
}

function guardsTable({ guards: all }: AblationResults): string {
  const rows: string[][] = [];
  for (let index = 0; index < all.length; index += guards.length) {
    const own = all.slice(index, index + guards.length);
    const { trace, seed, what } = own[0]!;
    rows.push([
      ...[trace, `${seed}`, what],
      ...own.map(({ waste, afterBins, replaced }) =>
        afterBins === null ? shown(waste, 3) : `${shown(waste, 3)} (${afterBins}, ${percentage(replaced)})`,
      ),
    ]);
  }
  return table(['trace', 'seed', 'what', ...guards], rows);
}

function driftTable({ drift }: AblationResults): string {
  const all = [...changes, ...failures];
  const rows = [...grouped(drift, keyOfWhere).values()].flatMap((own) => own.map((figures) => [figures]));
  const rowOf = (label: readonly string[], figures: AblationResults['drift']) => [
    ...label,
    `${figures.reduce((sum, { alarms }) => sum + alarms, 0)} in ${shown(
      figures.reduce((sum, { weeks }) => sum + weeks, 0),
      1,
    )}`,
    ...all.map(
      (what) => `${foundIn(figures, what, 60)}, ${foundIn(figures, what, Number.POSITIVE_INFINITY)}`,
    ),
  ];
  return table(
    ['trace', 'seed', 'tests', 'alarms in weeks', ...all],
    [
      ...Object.keys(driftVariants).map((variant) =>
        rowOf(
          ['**all**', '', variant],
          drift.filter((figures) => figures.variant === variant),
        ),
      ),
      ...rows.map(([figures]) => rowOf([figures!.trace, `${figures!.seed}`, figures!.variant], [figures!])),
    ],
  );
}

function levelsTable({ levels }: AblationResults): string {
  return table(
    [
      'trace',
      'tests',
      'alarms a week and category',
      ...injections.map((what) => `${what} within 30, 60 bins`),
    ],
    [...new Set(levels.map(({ trace }) => trace))].flatMap((trace) =>
      levelVariants.map((variant) => {
        const own = levels.filter((figures) => figures.trace === trace && figures.variant === variant);
        const sum = (of: (figures: (typeof own)[number]) => number) =>
          own.reduce((total, one) => total + of(one), 0);
        return [
          ...[trace, variant, shown(sum(({ alarms }) => alarms) / sum(({ weeks }) => weeks))],
          ...injections.map(
            (what) =>
              `${sum(({ found }) => found[what].within30)}, ${sum(({ found }) => found[what].within60)} of ${sum(({ found }) => found[what].all)}`,
          ),
        ];
      }),
    ),
  );
}

function refitsTable({ refits }: AblationResults): string {
  return table(
    ['trace', 'seed', 'change', 'alarms after, bins', 'waste with', 'without', 'ratio'],
    refits.map(({ trace, seed, what, refits: bins, waste }) => [
      ...[trace, `${seed}`, what, bins.join(', ') || 'none'],
      ...[shown(waste.with, 3), shown(waste.without, 3), shown(waste.with / waste.without)],
    ]),
  );
}

function retrainingsTable({ retrainings }: AblationResults): string {
  return table(
    ['trace', 'change', 'alarm after, bins', 'outcome', 'waste on the folds'],
    retrainings.map(({ trace, what, afterBins, outcome, promoted, wastes }) => [
      ...[trace, what, afterBins === null ? 'none' : `${afterBins}`],
      outcome === null ? '–' : promoted === null ? outcome : `${outcome}: ${promoted}`,
      Object.entries(wastes)
        .map(([configuration, waste]) => `${configuration} ${shown(waste, 3)}`)
        .join(', '),
    ]),
  );
}
