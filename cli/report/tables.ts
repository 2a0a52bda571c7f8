/** Scorecard → the tables of the page: policies, excess ratios, categories. */
import { percent } from '../../core/text/figures';
import type { ScorecardFile } from '../simulate/scorecardFile';
import { figure, type Html, html } from './html';
import { cheapestWithin, chosenPam } from './verdict';

export type Cell = string | Html;

export function table(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
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

/** PAM at its chosen risk per category, beside the reactive autoscaler of the verdict if there is one. */
export function categoryTable(scorecard: ScorecardFile): Html {
  const pam = chosenPam(scorecard);
  if (pam === null) return html``;
  const rival = cheapestWithin(scorecard, 'reactive', pam.overflowRate);
  const rivals = new Map(rival?.categories.map((one) => [one.category, one]));
  return table(
    `PAM at risk ${pam.knob}${rival === null ? '' : `, and the reactive autoscaler at target ${rival.knob}`}; every category in units of its own node`,
    [
      'category',
      'requests a node and bin',
      'bins',
      'missing',
      'cost ÷ foresight',
      'overflow',
      ...(rival === null ? [] : ['reactive: cost ÷ foresight', 'overflow']),
    ],
    pam.categories.map((one) => {
      const theirs = rivals.get(one.category);
      return [
        one.category,
        figure(one.requestsPerNodeBin),
        figure(one.bins),
        figure(one.missingBins),
        ...costAndOverflow(one),
        ...(rival === null ? [] : theirs === undefined ? ['–', '–'] : costAndOverflow(theirs)),
      ];
    }),
  );
}

type CategoryFigures = ScorecardFile['policies'][number]['categories'][number];

const costAndOverflow = ({ cost, foresightCost, demand, overflow }: CategoryFigures): [string, string] => [
  foresightCost > 0 ? figure(cost / foresightCost) : '–',
  percent(demand > 0 ? overflow / demand : 0),
];

/** Several scorecards at a glance, each named by a link to its section. */
export function overview(scorecards: readonly ScorecardFile[], anchorOf: (index: number) => string): Html {
  return table(
    'PAM at the risk nearest to 1 %, against the best reactive autoscaler that overflows no more',
    ['trace', 'overflow', 'cost ÷ foresight', 'reactive: cost ÷ foresight', 'saved', 'accepted', 'realized'],
    scorecards.map((scorecard, index) => {
      const link = html`<a href="#${anchorOf(index)}">${scorecard.name}</a>`;
      const pam = chosenPam(scorecard);
      if (pam === null) return [link, '–', '–', '–', '–', '–', '–'];
      const rival = cheapestWithin(scorecard, 'reactive', pam.overflowRate);
      return [
        link,
        percent(pam.overflowRate),
        figure(pam.costRatio),
        rival === null ? '–' : figure(rival.costRatio),
        rival === null ? '–' : percent(1 - pam.cost / rival.cost),
        percent(pam.acceptedRisk ?? 0),
        percent(pam.realizedQuantileRisk ?? pam.realizedRisk),
      ];
    }),
  );
}
