/**
 * A decision → what the recurrent network reads: the last bins, from averages of many to single ones, beside the same
 * minutes of yesterday and last week, and the features of `features.ts` with every number in the range of ±3.
 */
import { binsPerDay } from '../../../demand/clock';
import { PamError } from '../../../errors';
import { decodeFloats, encodeFloats } from '../../encoding';
import type { DemandView } from '../../features/demandView';
import { featureCount, featureNames } from '../../features/features';
import type { Json } from '../../model';
import type { TargetWindow } from '../../target';

/** Bins in each step of the sequence, oldest first: 3 h, then 35, then the last 10 bins one by one. */
// biome-ignore format: one resolution a line
const stepSpans = [
  30, 30, 30, 30, 15, 15,
  5, 5, 5, 5, 5,
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
] as const;
const stepReach = stepSpans.reduce<number>((sum, span) => sum + span, 0);

export const sequenceSteps = stepSpans.length;
/** Now, yesterday and last week, each with whether it is known, and the length of the step. */
export const stepInputs = 7;
export const sequenceSize = sequenceSteps * stepInputs;

const column = (name: string) => featureNames.indexOf(name);
const distances = ['toNextStart', 'sinceLastStart', 'toNextEnd', 'sinceLastEnd'].map(column);
const kindColumn = column('kindOfNearest');
const weekdayColumn = column('dayOfWeek');
const timeColumn = column('timeOfDay');
const firstSeason = column('yesterdayLevel');
const firstWeek = column('weekLevel');
/** As in eventTimeline.ts: minutes after which an event is out of reach. */
const reachMinutes = 240;
const rankedKinds = 4;
const harmonics = [2, 3];

/** The features, then weekdays, kinds of events, higher harmonics of the day, known seasons, the window's own two. */
export const staticCount = featureCount + 7 + rankedKinds + 2 * harmonics.length + 2 + 2;
const widest = 3;

/** How numbers are brought into range; learned once from the examples and stored with the network. */
export class InputScale {
  constructor(
    private readonly means: Float32Array,
    private readonly widths: Float32Array,
    private readonly stepWidth: number,
  ) {}

  /** From a sample of feature rows (rows × featureCount, NaN = unknown) and sequences before scaling. */
  static learned(rows: Float64Array, rawSequences: Float32Array): InputScale {
    const means = new Float32Array(featureCount);
    const widths = new Float32Array(featureCount);
    for (let feature = 0; feature < featureCount; feature++) {
      let [sum, square, known] = [0, 0, 0];
      for (let at = feature; at < rows.length; at += featureCount) {
        const value = rows[at]!;
        if (Number.isNaN(value)) continue;
        sum += value;
        square += value * value;
        known++;
      }
      const mean = known === 0 ? 0 : sum / known;
      means[feature] = mean;
      widths[feature] = Math.max(1e-3, Math.sqrt(Math.max(0, square / Math.max(1, known) - mean * mean)));
    }
    let [square, known] = [0, 0];
    for (let at = 0; at < rawSequences.length; at += stepInputs) {
      if (rawSequences[at + 1] === 0) continue;
      square += rawSequences[at]! ** 2;
      known++;
    }
    return new InputScale(means, widths, Math.max(1e-3, Math.sqrt(square / Math.max(1, known))));
  }

  /** Brings a sequence of `writeSequence` into range, in place. */
  scaleSequence(sequence: Float32Array): void {
    for (let at = 0; at < sequence.length; at += stepInputs)
      for (let season = 0; season < 3; season++)
        sequence[at + 2 * season] = within(sequence[at + 2 * season]! / this.stepWidth);
  }

  /** The network's inputs for a row of features about `window`, into `into` (staticCount numbers). */
  writeStatics(row: Float64Array, window: TargetWindow, into: Float32Array): void {
    for (let feature = 0; feature < featureCount; feature++) {
      const value = row[feature]!;
      into[feature] = Number.isNaN(value)
        ? 0
        : within((value - this.means[feature]!) / this.widths[feature]!);
    }
    // The nearer an event, the larger the number; 0 without one.
    for (const feature of distances) {
      const minutes = row[feature]!;
      into[feature] = Number.isNaN(minutes) ? 0 : 2 * (1 - minutes / reachMinutes) ** 2;
    }
    into[kindColumn] = 0;
    into[weekdayColumn] = 0;
    let at = featureCount;
    for (let weekday = 0; weekday < 7; weekday++) into[at++] = row[weekdayColumn] === weekday ? 1 : 0;
    for (let rank = 0; rank < rankedKinds; rank++) into[at++] = row[kindColumn] === rank ? 1 : 0;
    for (const harmonic of harmonics) {
      const angle = 2 * Math.PI * harmonic * row[timeColumn]!;
      into[at++] = Math.sin(angle);
      into[at++] = Math.cos(angle);
    }
    into[at++] = Number.isNaN(row[firstSeason]!) ? 0 : 1;
    into[at++] = Number.isNaN(row[firstWeek]!) ? 0 : 1;
    into[at++] = window.from === window.to ? 0 : 1;
    into[at++] = within(Math.log1p(window.to) - 2);
  }

  serialize(): Json {
    return {
      means: encodeFloats(this.means),
      widths: encodeFloats(this.widths),
      stepWidth: this.stepWidth,
    };
  }

  static load(state: Json | undefined): InputScale {
    const { means, widths, stepWidth } = (state ?? {}) as { [key: string]: Json };
    const [center, width] = [
      decodeFloats(means, 'means of inputs'),
      decodeFloats(widths, 'widths of inputs'),
    ];
    if (center.length !== featureCount || width.length !== featureCount || !(Number(stepWidth) > 0))
      throw new PamError(
        'INVALID_DATA',
        'model state: the scale of the inputs is of another set of features; train again',
      );
    return new InputScale(center, width, Number(stepWidth));
  }
}

/** Writes the steps before bin `index`, not yet scaled; what is not known is 0 with its flag 0. */
export function writeSequence(view: DemandView, index: number, level: number, into: Float32Array): void {
  const day = binsPerDay(view.series.clock);
  const levels = [
    level,
    view.mean(index - day - 15, index - day),
    view.mean(index - 7 * day - 15, index - 7 * day),
  ];
  let from = index - stepReach;
  let at = 0;
  for (const span of stepSpans) {
    for (let season = 0; season < 3; season++) {
      const back = [0, day, 7 * day][season]!;
      const ratio = view.mean(from - back, from - back + span) - levels[season]!;
      const known = !Number.isNaN(ratio);
      into[at++] = known ? ratio : 0;
      into[at++] = known ? 1 : 0;
    }
    into[at++] = Math.log(span) / 3;
    from += span;
  }
}

const within = (value: number) => Math.min(widest, Math.max(-widest, value));
