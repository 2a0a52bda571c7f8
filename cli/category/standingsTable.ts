/** Standings enter, a table for people leaves: one line a category, remarks below. */
import { columns, fitted } from '../text/screen';
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

/** `width`: characters a line; the last column is cut to fit. */
export function standingsTable(rows: readonly Standing[], nowMs: number, width: number): string[] {
  if (rows.length === 0) return ['no category runs; start one with "pam apply -f FILE" or the Temporal CLI'];
  const left = columns([heading.slice(0, -1), ...rows.map((row) => cellsOf(row))], 2);
  const last = [heading.at(-1) ?? '', ...rows.map((row) => decisionOf(row, nowMs))];
  const widest = Math.max(...left.map((line) => line.length));
  const table = left.map((line, index) => fitted(`${line.padEnd(widest)}  ${last[index]}`, width).trimEnd());
  return [...table, ...remarks(rows)];
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
    accuracy?.coverage == null ? '-' : share(accuracy.coverage),
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
  if (rows.some(({ source }) => source === 'stored'))
    notes.push('* as of the last decision in the database, not as of now');
  return notes.length === 0 ? [] : ['', ...notes];
}

export const rounded = (value: number): string =>
  value >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();

/** 0.9876 → `98.8 %`: three digits, so that 99.9 % is not 100 %. */
export const share = (value: number): string => `${Number((value * 100).toFixed(1))} %`;

/** `12 s ago`, `5 min ago`, `3 h ago`, `4 d ago`. */
export function ago(ms: number): string {
  return ms <= -500 ? `in ${lasting(-ms)}` : `${lasting(Math.max(0, ms))} ago`;
}

/** In the largest unit of which there are at least two, or seconds. */
export function lasting(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 2 * 3_600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
