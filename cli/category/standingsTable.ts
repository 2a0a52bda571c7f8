/** Standings → a table for people: one line per category, remarks below. */
import { rounded, shortPercent } from '../../core/text/figures';
import { fitted, table } from '../text/table';
import { ago } from '../text/time';
import type { Standing } from './standings';

const heading = [
  'CATEGORY',
  'STATE',
  'REQUIRED',
  'PLANNED',
  'PROVISIONED',
  'ROUTABLE',
  'ACTUAL',
  'PREDICTED',
  'PEAK≤',
  'ERROR',
  'COVERED',
  'LAST DECISION',
];

/** `width`: characters per line. The last column is cut to fit. */
export function standingsTable(rows: readonly Standing[], nowMs: number, width: number): string[] {
  if (rows.length === 0) return ['no category runs; start one with "pam apply -f FILE" or the Temporal CLI'];
  const left = table([heading.slice(0, -1), ...rows.map((row) => cellsOf(row))], 2);
  const last = [heading.at(-1) ?? '', ...rows.map((row) => decisionOf(row, nowMs))];
  const widest = Math.max(...left.map((line) => line.length));
  const lines = left.map((line, index) => fitted(`${line.padEnd(widest)}  ${last[index]}`, width).trimEnd());
  return [...lines, ...remarks(rows)];
}

function cellsOf({ category, state, counts, source, demand, accuracy }: Standing): string[] {
  const mark = source === 'stored' ? '*' : '';
  const count = (value: number | undefined) => (value === undefined ? '-' : `${value}${mark}`);
  return [
    category,
    state,
    count(counts?.required),
    count(counts?.planned),
    count(counts?.provisioned),
    count(counts?.routable),
    demand.actual === null ? '-' : `${rounded(demand.actual)}${mark}`,
    demand.predicted === null ? '-' : rounded(demand.predicted),
    demand.peak === null ? '-' : `${rounded(demand.peak)}${mark}`,
    accuracy?.relativeError == null ? '-' : accuracy.relativeError.toFixed(2),
    accuracy?.coverage == null ? '-' : shortPercent(accuracy.coverage),
  ];
}

function decisionOf({ decision, closedMs }: Standing, nowMs: number): string {
  if (closedMs !== null) return `ended ${ago(nowMs - closedMs)}`;
  if (decision === null) return 'none yet';
  return `${ago(nowMs - decision.atMs)} (${decision.trigger}): ${decision.reason}`;
}

function remarks(rows: readonly Standing[]): string[] {
  const notes = [...new Set(rows.flatMap(({ trouble }) => (trouble === null ? [] : [trouble])))].map(
    (trouble) =>
      `${rows.flatMap((row) => (row.trouble === trouble ? [row.category] : [])).join(', ')}: ${trouble}`,
  );
  const capped = rows.filter(
    ({ decision, closedMs }) => closedMs === null && decision?.rule === 'bounded-by-policy',
  );
  if (capped.length > 0)
    notes.push(
      `${capped.map(({ category }) => category).join(', ')}: fewer nodes than asked for, by the policy of the workers`,
    );
  if (rows.some(({ source }) => source === 'stored'))
    notes.push('* as of the last decision in the database, not as of now');
  return notes.length === 0 ? [] : ['', ...notes];
}
