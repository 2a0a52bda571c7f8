/** Scorecards → one self-contained page: styles, drawings and tables are in it. */
import { basename } from 'node:path';
import { durationInWords } from '../../core/time/durationWords';
import type { ScorecardFile } from '../simulate/scorecardFile';
import { calibration } from './calibration';
import { frontierChart } from './frontierChart';
import { figure, type Html, html } from './html';
import { styles } from './styles';
import { categoryTable, excessTable, overview, policyTable } from './tables';
import { chosenPam, verdictOf } from './verdict';
import { windowChart, windowLegend } from './windowChart';

/** Number of categories whose windows are open at first. */
const openCategories = 1;

export function reportPage(scorecards: readonly ScorecardFile[], madeBy: string): string {
  const names = scorecards.map(({ name }) => name).join(', ');
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>PAM report: ${names}</title><style>${styles}</style></head>
<body><header><h1>What PAM would have allocated</h1><p>${names}. Made by ${madeBy} from the files of <code>pam simulate</code>.</p></header>
<main>${scorecards.length > 1 ? overview(scorecards, anchorOf) : html``}${scorecards.map(section)}</main></body></html>
`;
  return page.html;
}

const anchorOf = (index: number): string => `trace-${index + 1}`;

function section(scorecard: ScorecardFile, index: number): Html {
  const [verdict = '', ...more] = verdictOf(scorecard);
  return html`<section id="${anchorOf(index)}"><h2>${scorecard.name}</h2>
<p class="verdict">${verdict}</p>${more.map((sentence) => html`<p>${sentence}</p>`)}
<p class="note">${scorecard.from} to ${scorecard.to}, bins of ${durationInWords(scorecard.binMs)}, lead ${durationInWords(scorecard.leadMs)}, models of family ${scorecard.family}${scorecard.calendars.length > 0 ? `, with ${scorecard.calendars.map((file) => basename(file)).join(', ')}` : ', without a calendar'}. ${nodeSize(scorecard)} Models were refitted on the past only, as in production. In forecast-only your nodes stay as they are. The replay can’t know what those cost, so the verdict compares PAM with the best that a reactive autoscaler could have done.</p>
<h3>Cost against overflow</h3>${frontierChart(scorecard)}${excessTable(scorecard)}
<h3>Forecast and demand</h3>${windows(scorecard)}
<h3>Calibration</h3>${calibration(scorecard)}
${categories(scorecard)}
<details><summary>All policies and knobs</summary>${policyTable(scorecard)}</details></section>`;
}

function nodeSize({ capacity }: ScorecardFile): string {
  return capacity === 'auto'
    ? 'Nodes are of a made-up size, so that the 99.9th percentile of a category’s demand needs 40 of them (--capacity auto): the shares are more reliable than the node-hours.'
    : `A node serves ${figure(capacity)} requests a bin.`;
}

function categories(scorecard: ScorecardFile): Html {
  const count = chosenPam(scorecard)?.categories.length ?? 0;
  if (count < 2) return html``;
  return html`<details><summary>Result of each of the ${count} categories</summary>${categoryTable(scorecard)}</details>`;
}

function windows(scorecard: ScorecardFile): Html {
  const cuts = scorecard.windows;
  if (cuts.length === 0) return html`<p>No window was kept: PAM was not among the replayed policies.</p>`;
  const sizes = new Map(chosenPam(scorecard)?.categories.map(({ category, demand }) => [category, demand]));
  const names = [...new Set(cuts.map(({ category }) => category))].sort(
    (a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0),
  );
  const groups = names.map((category, index) => {
    const drawings = cuts.filter((cut) => cut.category === category).map(windowChart);
    return names.length === 1
      ? html`${drawings}`
      : html`<details${index < openCategories ? html` open` : html``}><summary>${category}</summary>${drawings}</details>`;
  });
  const all = chosenPam(scorecard)?.categories.length ?? names.length;
  const largest =
    names.length < all ? html`<p class="note">The ${names.length} largest of ${all} categories.</p>` : html``;
  return html`${windowLegend}${largest}${groups}`;
}
