/** Series of points → an SVG drawing with axes, a grid and a label for people who cannot see it. */
import { type Html, html } from './html';

export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly log?: boolean;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  readonly label: string;
}

export interface Line {
  /** Class of the style sheet. */
  readonly style: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn as steps: a value holds until the next one. */
  readonly steps?: boolean;
  readonly dots?: boolean;
  /** Dots without a line between them. */
  readonly loose?: boolean;
  /** Title of each dot. */
  readonly titles?: readonly string[];
}

export interface Band {
  readonly style: string;
  readonly points: readonly (readonly [x: number, low: number, high: number])[];
}

export interface Chart {
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly bands?: readonly Band[];
  readonly lines: readonly Line[];
  readonly width?: number;
  readonly height?: number;
}

const margin = { left: 76, right: 14, top: 10, bottom: 40 };

function scale({ from, to, log }: Axis, start: number, end: number): (value: number) => number {
  const map = log ? Math.log : (value: number) => value;
  const width = map(to) - map(from) || 1;
  return (value) => {
    const bounded = Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
    return start + ((map(bounded) - map(from)) / width) * (end - start);
  };
}

const at = (value: number): string => value.toFixed(1);

/** The pieces between missing points (NaN). */
function pathOf({ points, steps }: Line, x: (value: number) => number, y: (value: number) => number): string {
  let path = '';
  let open = false;
  for (const [px, py] of points) {
    if (Number.isNaN(py)) {
      open = false;
      continue;
    }
    if (!open) path += `M${at(x(px))} ${at(y(py))}`;
    else path += steps ? `H${at(x(px))}V${at(y(py))}` : `L${at(x(px))} ${at(y(py))}`;
    open = true;
  }
  return path;
}

function bandOf({ points }: Band, x: (value: number) => number, y: (value: number) => number): string {
  const pieces: (typeof points)[number][][] = [[]];
  for (const point of points) {
    if (Number.isNaN(point[1]) || Number.isNaN(point[2])) pieces.push([]);
    else pieces.at(-1)!.push(point);
  }
  return pieces
    .filter((piece) => piece.length > 0)
    .map((piece) => {
      const up = piece.map(([px, , high]) => `${at(x(px))} ${at(y(high))}`);
      const back = piece.reverse().map(([px, low]) => `${at(x(px))} ${at(y(low))}`);
      return `M${[...up, ...back].join('L')}Z`;
    })
    .join('');
}

export function drawChart({ label, x, y, bands = [], lines, width = 760, height = 280 }: Chart): Html {
  const toX = scale(x, margin.left, width - margin.right);
  const toY = scale(y, height - margin.bottom, margin.top);
  const bottom = height - margin.bottom;
  const grid = [
    ...y.ticks.map(
      (tick) =>
        html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at(toY(tick.at))}" y2="${at(toY(tick.at))}"/><text class="tick end" x="${margin.left - 6}" y="${at(toY(tick.at) + 4)}">${tick.text}</text>`,
    ),
    ...x.ticks.map(
      (tick) =>
        html`<line class="grid" x1="${at(toX(tick.at))}" x2="${at(toX(tick.at))}" y1="${margin.top}" y2="${bottom}"/><text class="tick middle" x="${at(toX(tick.at))}" y="${bottom + 16}">${tick.text}</text>`,
    ),
  ];
  const drawn = [
    ...bands.map((band) => html`<path class="${band.style}" d="${bandOf(band, toX, toY)}"/>`),
    ...lines
      .filter(({ loose }) => !loose)
      .map((line) => html`<path class="line ${line.style}" d="${pathOf(line, toX, toY)}"/>`),
    ...lines.flatMap((line) =>
      line.dots || line.loose
        ? line.points.map(
            ([px, py], index) =>
              html`<circle class="${line.style}" cx="${at(toX(px))}" cy="${at(toY(py))}" r="${line.loose ? 2 : 3.5}"><title>${line.titles?.[index] ?? ''}</title></circle>`,
          )
        : [],
    ),
  ];
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}"><title>${label}</title>${grid}${drawn}<text class="axis middle" x="${(margin.left + width) / 2}" y="${height - 6}">${x.label}</text><text class="axis middle" transform="translate(14 ${(margin.top + bottom) / 2}) rotate(-90)">${y.label}</text></svg>`;
}

/** About `count` round numbers between two, for an axis that begins at `from`. */
export function roundTicks(from: number, to: number, count = 5): number[] {
  const raw = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const ticks: number[] = [];
  for (let value = Math.ceil(from / step) * step; value <= to + step * 1e-9; value += step)
    ticks.push(Number(value.toPrecision(12)));
  return ticks;
}

/** 1, 3, 10, 30 … between two positive numbers. */
export function logTicks(from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++)
    for (const factor of [1, 3]) {
      const value = Number((factor * 10 ** power).toPrecision(3));
      if (value >= from * 0.999 && value <= to * 1.001) ticks.push(value);
    }
  return ticks;
}
