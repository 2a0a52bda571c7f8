/** Scorecards → one page that needs nothing else: styles, drawings and tables are all in it. */
import { basename } from 'node:path';
import type { ScorecardFile } from '../simulate/scorecardFile';
import { frontierChart } from './frontierChart';
import { type Html, html } from './html';
import { styles } from './styles';
import { calibrationTable, categoryTable, excessTable, policyTable } from './tables';
import { verdictOf } from './verdict';
import { windowChart, windowLegend } from './windowChart';

/** Categories whose windows are open at once; the others unfold. */
const openCategories = 2;

export function reportPage(scorecards: readonly ScorecardFile[], madeBy: string): string {
  const names = scorecards.map(({ name }) => name).join(', ');
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>PAM report: ${names}</title><style>${styles}</style></head>
<body><header><h1>What PAM would have allocated</h1><p>${names}. Made by ${madeBy} from the files of <code>pam simulate</code>.</p></header>
<main>${scorecards.map(section)}</main></body></html>
`;
  return page.html;
}

function section(scorecard: ScorecardFile): Html {
  const [verdict = '', ...more] = verdictOf(scorecard);
  const minutes = (ms: number) => `${Number((ms / 60_000).toPrecision(3))} min`;
  return html`<section><h2>${scorecard.name}</h2>
<p class="verdict">${verdict}</p>${more.map((sentence) => html`<p>${sentence}</p>`)}
<p class="note">${scorecard.from} to ${scorecard.to}, bins of ${minutes(scorecard.binMs)}, lead ${minutes(scorecard.leadMs)}, models of family ${scorecard.family}${scorecard.calendars.length > 0 ? `, with ${scorecard.calendars.map((file) => basename(file)).join(', ')}` : ', without a calendar'}. Models were refitted on the past only, as in production.</p>
<h3>Cost against overflow</h3>${frontierChart(scorecard)}${excessTable(scorecard)}
<h3>Forecast and demand</h3>${windows(scorecard)}
<h3>Calibration</h3>${calibrationTable(scorecard)}
<details><summary>Categories</summary>${categoryTable(scorecard)}</details>
<details><summary>All policies and knobs</summary>${policyTable(scorecard)}</details></section>`;
}

function windows({ windows: cuts }: ScorecardFile): Html {
  if (cuts.length === 0) return html`<p>No window was kept: PAM was not among the replayed policies.</p>`;
  const categories = [...new Set(cuts.map(({ category }) => category))];
  const groups = categories.map((category, index) => {
    const drawings = cuts.filter((cut) => cut.category === category).map(windowChart);
    return index < openCategories
      ? html`${drawings}`
      : html`<details><summary>${category}</summary>${drawings}</details>`;
  });
  return html`${windowLegend}${groups}`;
}
