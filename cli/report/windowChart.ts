/** A window of a replay → demand, what was forecast and what was routable, bin by bin. */
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
    routable,
    requestsPerNode,
    peaks,
  } = window;
  const timeOf = (index: number) => startMs + index * binMs;
  const capacity = routable.map((nodes) => nodes * requestsPerNode);
  const shown = [0.5, 0.9, 0.99].map((probability) => nearest(probabilities, probability));
  const [low, middle, high] = shown as [number, number, number];
  const band = (style: string, from: number, to: number): Band => ({
    style,
    points: quantiles.flatMap((row, index) =>
      row[from] === undefined || row[to] === undefined
        ? []
        : [[timeOf(index), row[from]!, row[to]!] as const],
    ),
  });
  const top =
    1.05 *
    Math.max(
      1e-9,
      ...counts.map((count) => count ?? 0),
      ...capacity,
      ...quantiles.map((row) => Math.min(row[high] ?? 0, 1.3 * Math.max(...capacity, 0))),
    );
  const lines: Line[] = [
    { style: 'capacity', steps: true, points: capacity.map((value, index) => [timeOf(index), value]) },
    { style: 'peak', points: peaks.map((peak, index) => [timeOf(index), number(peak)]) },
    { style: 'actual', points: counts.map((count, index) => [timeOf(index), number(count)]) },
  ];
  const endMs = timeOf(Math.max(1, counts.length - 1));
  const drawing = drawChart({
    label: `${category}, ${label} hours from ${clock(startMs, true)}: demand, forecast of the peak over the lead window, routable capacity`,
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
    bands: [band('band-wide', low, high), band('band-narrow', low, middle)],
    lines,
  });
  return html`<figure><figcaption><b>${label === 'worst' ? 'Worst hours' : 'Typical hours'}</b>: ${category}, ${clock(startMs, true)} UTC</figcaption>${drawing}</figure>`;
}

export const windowLegend: Html = html`<div class="legend"><span class="key"><i class="swatch actual"></i>demand</span><span class="key"><i class="swatch peak"></i>highest demand of the lead window</span><span class="key"><i class="swatch band-narrow"></i>forecast of it, 50 to 90 %</span><span class="key"><i class="swatch band-wide"></i>to 99 %</span><span class="key"><i class="swatch capacity"></i>routable capacity</span></div>`;

function nearest(probabilities: readonly number[], wanted: number): number {
  let best = 0;
  probabilities.forEach((probability, index) => {
    if (Math.abs(probability - wanted) < Math.abs(probabilities[best]! - wanted)) best = index;
  });
  return best;
}

function clock(timeMs: number, withDay: boolean): string {
  const text = new Date(timeMs).toISOString();
  return withDay ? text.slice(0, 16).replace('T', ' ') : text.slice(11, 16);
}

const minuteMs = 60_000;
const stepsMs = [1, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1_440].map((minutes) => minutes * minuteMs);

function timeTicks(fromMs: number, toMs: number): number[] {
  const step = stepsMs.find((size) => (toMs - fromMs) / size <= 9) ?? 7 * stepsMs.at(-1)!;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at);
  return ticks;
}
