/** A scorecard → accepted against realized risk, of all categories together and of each. */
import { percent } from '../../core/text/figures';
import type { ScorecardFile } from '../simulate/scorecardFile';
import { drawChart, type Line, logTicks } from './chart';
import { figure, type Html, html } from './html';
import { type Cell, table } from './tables';

type PolicyFigures = ScorecardFile['policies'][number];
type CategoryFigures = PolicyFigures['categories'][number];

/** Deviation up to which calibration counts as good. */
const band = [0.7, 1.3] as const;

/** Share of decisions whose peak was above the forecast quantile; null without a forecast. */
function realizedOf({ quantileDecisions, quantileExceeded }: CategoryFigures): number | null {
  return quantileDecisions === null || quantileDecisions === 0
    ? null
    : (quantileExceeded ?? 0) / quantileDecisions;
}

export function calibration({ name, policies }: ScorecardFile): Html {
  const knobs = policies
    .filter(({ acceptedRisk }) => acceptedRisk !== null)
    .sort((a, b) => b.acceptedRisk! - a.acceptedRisk!);
  if (knobs.length === 0) return html`<p>No policy with an accepted risk was replayed.</p>`;
  const categories = knobs[0]!.categories.length;
  const each =
    categories > 1
      ? html`<details><summary>Calibration of each of the ${categories} categories</summary>${categoriesTable(knobs)}</details>`
      : html``;
  return html`${chart(name, knobs)}${wholeTable(knobs)}${each}`;
}

function chart(name: string, knobs: readonly PolicyFigures[]): Html {
  const accepted = knobs.map(({ acceptedRisk }) => acceptedRisk!);
  const from = Math.min(...accepted) / 4;
  const to = Math.min(1, Math.max(...accepted) * 3);
  const ticks = logTicks(from, to).map((risk) => ({ at: risk, text: percent(risk) }));
  const whole = knobs.filter(({ realizedQuantileRisk }) => realizedQuantileRisk !== null);
  const loose = knobs.flatMap(({ acceptedRisk, categories }) =>
    categories.length < 2
      ? []
      : categories.flatMap((one) => {
          const realized = realizedOf(one);
          return realized === null ? [] : [{ acceptedRisk: acceptedRisk!, realized, name: one.category }];
        }),
  );
  const lines: Line[] = [
    {
      style: 'peak',
      points: [
        [from, from],
        [to, to],
      ],
    },
    {
      style: 'policy-0 faint',
      loose: true,
      points: loose.map(({ acceptedRisk, realized }) => [acceptedRisk, realized]),
      titles: loose.map(
        (one) => `${one.name}: accepted ${percent(one.acceptedRisk)}, realized ${percent(one.realized)}`,
      ),
    },
    {
      style: 'policy-0',
      dots: true,
      points: whole.map(({ acceptedRisk, realizedQuantileRisk }) => [acceptedRisk!, realizedQuantileRisk!]),
      titles: whole.map(
        ({ acceptedRisk, realizedQuantileRisk }) =>
          `accepted ${percent(acceptedRisk!)}, realized ${percent(realizedQuantileRisk!)}`,
      ),
    },
  ];
  const drawing = drawChart({
    label: `${name}: realized against accepted risk; the table below has the numbers`,
    x: { from, to, log: true, ticks, label: 'accepted risk' },
    y: { from, to, log: true, ticks, label: 'realized' },
    bands: [
      {
        style: 'band-plain',
        points: [from, to].map((risk) => [risk, risk * band[0], risk * band[1]] as const),
      },
    ],
    lines,
    height: 320,
  });
  return html`${drawing}<p class="note">On the dotted line the realized risk equals the accepted one; in the grey band it differs by at most ${percent(1 - band[0])}. Above the line the forecasts were too low; below it there was more capacity than the accepted risk needs. The solid line is all categories together${loose.length > 0 ? ', a faint dot is one category; a dot beyond the edge is drawn on it' : ''}.</p>`;
}

function wholeTable(knobs: readonly PolicyFigures[]): Html {
  return table(
    'How often the highest demand of the lead window was above',
    ['accepted', 'above the forecast', '÷ accepted', 'above the planned capacity', 'decisions'],
    knobs.map((one): Cell[] => [
      percent(one.acceptedRisk!),
      one.realizedQuantileRisk === null ? '–' : percent(one.realizedQuantileRisk),
      one.realizedQuantileRisk === null ? '–' : figure(one.realizedQuantileRisk / one.acceptedRisk!),
      percent(one.realizedRisk),
      figure(one.decisions),
    ]),
  );
}

function categoriesTable(knobs: readonly PolicyFigures[]): Html {
  return table(
    'Share of decisions whose peak was above the forecast, by category and accepted risk',
    ['category', ...knobs.map(({ acceptedRisk }) => `accepted ${percent(acceptedRisk!)}`), 'decisions'],
    knobs[0]!.categories.map((first, index): Cell[] => [
      first.category,
      ...knobs.map(({ categories }) => {
        const realized = categories[index] === undefined ? null : realizedOf(categories[index]);
        return realized === null ? '–' : percent(realized);
      }),
      figure(first.quantileDecisions ?? 0),
    ]),
  );
}
