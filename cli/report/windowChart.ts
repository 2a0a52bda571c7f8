/** A window of a replay → demand, what was forecast and what was routable, bin by bin. */
import { percent } from '../../core/text/figures';
import { dayAndMinute } from '../../core/time/instantText';
import type { ScorecardFile } from '../simulate/scorecardFile';
import { type Band, drawChart, type Line, roundTicks } from './chart';
import { figure, type Html, html } from './html';

type Window = ScorecardFile['windows'][number];

const number = (value: number | null | undefined): number => value ?? Number.NaN;

export function windowChart(window: Window): Html {
  const {
    category,
    label,
    startMs,
    binMs,
    counts,
    quantiles,
    probabilities,
    planned,
    routable,
    requestsPerNodeBin,
    peaks,
    knob,
  } = window;
  const timeOf = (index: number) => startMs + index * binMs;
  const capacity = routable.map((nodes) => nodes * requestsPerNodeBin);
  const ordered = planned.map((nodes) => nodes * requestsPerNodeBin);
  const edges = [0.5, 0.9, 0.95, 0.99].map((probability) => nearest(probabilities, probability));
  const high = edges.at(-1)!;
  const band = (style: string, from: number, to: number): Band => ({
    style,
    points: quantiles.map((row, index) => [timeOf(index), number(row[from]), number(row[to])] as const),
  });
  const top =
    1.05 *
    Math.max(
      1e-9,
      ...counts.map((count) => count ?? 0),
      ...capacity,
      ...ordered,
      ...quantiles.map((row) => Math.min(row[high] ?? 0, 1.3 * Math.max(...capacity, 0))),
    );
  const lines: Line[] = [
    { style: 'planned', steps: true, points: ordered.map((value, index) => [timeOf(index), value]) },
    { style: 'capacity', steps: true, points: capacity.map((value, index) => [timeOf(index), value]) },
    { style: 'peak', points: peaks.map((peak, index) => [timeOf(index), number(peak)]) },
    { style: 'actual', points: counts.map((count, index) => [timeOf(index), number(count)]) },
  ];
  const endMs = timeOf(Math.max(1, counts.length - 1));
  const drawing = drawChart({
    label: `${category}, ${titles[label].toLowerCase()} from ${clock(startMs, true)} UTC: demand, forecast of the peak over the lead window, planned and routable capacity`,
    x: {
      from: startMs,
      to: endMs,
      ticks: timeTicks(startMs, endMs).map((at) => ({ at, text: clock(at, false) })),
      label: `UTC, ${clock(startMs, true)}`,
    },
    y: {
      from: 0,
      to: top,
      ticks: roundTicks(0, top).map((at) => ({ at, text: figure(at) })),
      label: 'requests a bin',
    },
    bands: ['band-90', 'band-95', 'band-99'].map((style, index) =>
      band(style, edges[index]!, edges[index + 1]!),
    ),
    lines,
  });
  return html`<figure><figcaption><b>${titles[label]}</b>: ${category}, ${clock(startMs, true)} UTC, PAM at risk ${knob}. ${told(window)}</figcaption>${drawing}</figure>`;
}

const titles: Readonly<Record<Window['label'], string>> = {
  worst: 'Worst hours',
  wasteful: 'Most idle hours',
  typical: 'Typical hours',
};

/** The result of the window, in words. */
function told({ counts, routable, requestsPerNodeBin }: Window): string {
  let demand = 0;
  let over = 0;
  let capacity = 0;
  let missing = 0;
  counts.forEach((count, index) => {
    if (count === null) {
      missing++;
      return;
    }
    const limit = routable[index]! * requestsPerNodeBin;
    demand += count;
    capacity += limit;
    over += Math.max(0, count - limit);
  });
  const overflow =
    over === 0
      ? 'No request was above the routable capacity'
      : `${figure(over)} of ${figure(demand)} requests were above the routable capacity`;
  const idle = capacity > 0 ? `; ${percent(1 - (demand - over) / capacity)} of it was idle` : '';
  return `${overflow}${idle}.${missing > 0 ? ` ${missing} of ${counts.length} bins are missing.` : ''}`;
}

const keys = [
  ['actual', 'demand'],
  ['peak', 'highest demand of the lead window'],
  ['band-90', 'forecast of it, 50 to 90 %'],
  ['band-95', 'to 95 %'],
  ['band-99', 'to 99 %'],
  ['planned', 'planned capacity'],
  ['capacity', 'routable capacity'],
] as const;

export const windowLegend: Html = html`<div class="legend">${keys.map(
  ([style, text]) =>
    html`<span class="key"><svg viewBox="0 0 22 8" width="22" height="8" aria-hidden="true">${
      style.startsWith('band')
        ? html`<path class="${style}" d="M0 0H22V8H0Z"/>`
        : html`<path class="line ${style}" d="M0 4H22"/>`
    }</svg>${text}</span>`,
)}</div>`;

function nearest(probabilities: readonly number[], wanted: number): number {
  let best = 0;
  probabilities.forEach((probability, index) => {
    if (Math.abs(probability - wanted) < Math.abs(probabilities[best]! - wanted)) best = index;
  });
  return best;
}

function clock(timeMs: number, withDay: boolean): string {
  const text = dayAndMinute(timeMs);
  return withDay ? text : text.slice(-5);
}

const minuteMs = 60_000;
const stepsMs = [1, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1_440].map((minutes) => minutes * minuteMs);

function timeTicks(fromMs: number, toMs: number): number[] {
  const step = stepsMs.find((size) => (toMs - fromMs) / size <= 9) ?? 7 * stepsMs.at(-1)!;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at);
  return ticks;
}
