/** Scorecard → the tables of the page: policies, calibration, excess ratios, categories. */
import type { ScorecardFile } from '../simulate/scorecardFile';
import { figure, type Html, html, percent } from './html';
import { chosenPam } from './verdict';

type Cell = string | Html;

function table(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<table><caption>${caption}</caption><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, column) => (column === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>`,
  )}</tbody></table>`;
}

export function policyTable({ policies }: ScorecardFile): Html {
  return table(
    'Every policy and knob',
    [
      'policy',
      'knob',
      'overflow',
      'bins with overflow',
      'cost, node-bins',
      'cost ÷ foresight',
      'changes a day',
    ],
    policies.map((one) => [
      one.policy,
      one.knob,
      percent(one.overflowRate),
      percent(one.overflowBins),
      figure(one.cost),
      figure(one.costRatio),
      figure(one.scaleActionsPerDay),
    ]),
  );
}

export function calibrationTable({ policies }: ScorecardFile): Html {
  const rows = policies
    .filter(({ acceptedRisk }) => acceptedRisk !== null)
    .map((one): Cell[] => [
      percent(one.acceptedRisk!),
      one.realizedQuantileRisk === null ? '–' : percent(one.realizedQuantileRisk),
      one.realizedQuantileRisk === null ? '–' : figure(one.realizedQuantileRisk / one.acceptedRisk!),
      percent(one.realizedRisk),
      figure(one.decisions),
    ]);
  if (rows.length === 0) return html`<p>No policy with an accepted risk was replayed.</p>`;
  return table(
    'How often the highest demand of the lead window came above',
    ['accepted', 'above the forecast', '÷ accepted', 'above the planned capacity', 'decisions'],
    rows,
  );
}

export function excessTable({ excessRatios, atEqualOverflow }: ScorecardFile): Html {
  const compared = excessRatios.filter(({ at }) => at.length > 0);
  if (compared.length > 0)
    return table(
      'Waste above perfect foresight, PAM ÷ rival, at the same overflow (below 1 PAM is better)',
      ['rival', 'at the overflow rates', 'ratio at each', 'mean'],
      compared.map(({ rival, at, mean }) => [
        rival,
        at.map(({ overflowRate }) => percent(overflowRate)).join(', '),
        at.map(({ ratio }) => figure(ratio)).join(', '),
        mean === null ? '–' : figure(mean),
      ]),
    );
  if (atEqualOverflow.length === 0)
    return html`<p>The frontiers of PAM and its rivals do not overlap: nothing to compare at the same overflow.</p>`;
  return table(
    'Waste above perfect foresight, PAM ÷ rival, at PAM’s overflow (below 1 PAM is better)',
    ['rival', 'PAM’s risk', 'overflow', 'ratio'],
    atEqualOverflow.map(({ rival, knob, overflowRate, ratio }) => [
      rival,
      knob,
      percent(overflowRate),
      figure(ratio),
    ]),
  );
}

export function categoryTable(scorecard: ScorecardFile): Html {
  const pam = chosenPam(scorecard);
  if (pam === null) return html``;
  return table(
    `Categories, PAM at risk ${pam.knob}`,
    [
      'category',
      'requests a node and bin',
      'bins',
      'missing',
      'overflow',
      'cost ÷ foresight',
      'above the forecast',
    ],
    pam.categories.map((one) => [
      one.category,
      figure(one.requestsPerNode),
      figure(one.bins),
      figure(one.missingBins),
      percent(one.demand > 0 ? one.overflow / one.demand : 0),
      one.foresightCost > 0 ? figure(one.cost / one.foresightCost) : '–',
      one.quantileDecisions === null || one.quantileDecisions === 0
        ? '–'
        : percent((one.quantileExceeded ?? 0) / one.quantileDecisions),
    ]),
  );
}
