/** The latest bins and scores → the statistics that the tests for drift watch, each larger the more something changed. */
import { selectInPlace } from '../../statistics/orderStatistics';
import type { RecordRule } from './recordTest';

export type DriftKind = 'error' | 'calibration' | 'level';

/** What a statistic is computed from; oldest first, null where a bin is missing. */
export interface Evidence {
  /** log(1 + count) less what the time of day usually brings. */
  readonly deviations: readonly (number | null)[];
  /** (loss − rival's loss) ÷ (loss + rival's loss), from −1 (perfect) over 0 (no better) to 1. */
  readonly errors: readonly number[];
  /** What `errors` have been on average over the last days. */
  readonly usualError: number;
  /** 1 where the peak was above its upper quantile. */
  readonly misses: readonly number[];
}

export interface DriftStatistic extends RecordRule {
  readonly name: string;
  /** Bins of the window; a short one may take a burst for a change of the level. */
  readonly window: number;
  readonly kind: DriftKind;
  /** NaN while there is too little evidence. */
  of(evidence: Evidence): number;
  /** Each point's part in the change; the change began where their sum from there to the end is largest. */
  parts(evidence: Evidence): number[];
}

interface LevelTest extends RecordRule {
  /** Bins of the window. */
  readonly window: number;
  /** Share of them that must be beyond the level of before. */
  readonly share: number;
}

/**
 * Windows in bins; the first two are short enough to find a change within 30 bins. One looks at two thirds of its bins,
 * and learns to leave alone what bursts; the other at every single one, so that a burst that is over sooner is nothing to
 * it. Since nothing but the least of 29 counts, it varies less from day to day and needs less of a margin. Its floor is
 * higher: what moves by less than a third the others find as well, if later.
 */
const levelTests: readonly LevelTest[] = [
  { window: 28, share: 0.65, floor: 0.15 },
  { window: 29, share: 1, floor: 0.3, margin: 1.1 },
  { window: 60, share: 0.65, floor: 0.15 },
];
const beforeBins = 120;
const errorWindow = 60;
const calibrationWindow = 240;
/** This one may take a burst for a change; what it then found is taken back, and larger ones only are looked for. */
export const shortLevelWindow = levelTests[0]!.window;
/** How many of the latest entries of each kind of evidence are used. */
export const evidenceKept = { deviations: 60 + beforeBins, scores: calibrationWindow } as const;

/**
 * How far a share of the last bins is above (`sign` 1) or below (−1) the median of the 120 bins before, in logs. A
 * burst that is over within that part of the window does not count: it is no change of the level.
 */
function levelShift({ deviations }: Evidence, { window, share }: LevelTest, sign: 1 | -1): number {
  const end = deviations.length;
  const reached = quantile(deviations, end - window, end, sign === 1 ? 1 - share : share);
  return sign * (reached - medianBefore(deviations, window));
}

function medianBefore(deviations: Evidence['deviations'], bins: number): number {
  const end = deviations.length - bins;
  return quantile(deviations, end - beforeBins, end, 0.5);
}

const scratch = new Float64Array(512);

/** Of the measured ones of a part; NaN where less than half of it was measured. */
function quantile(values: Evidence['deviations'], from: number, to: number, probability: number): number {
  let found = 0;
  for (let index = Math.max(0, from); index < to; index++) {
    const value = values[index];
    if (value != null) scratch[found++] = value;
  }
  if (2 * found < to - from) return Number.NaN;
  return selectInPlace(scratch, found, Math.round(probability * (found - 1)));
}

/** The median deviation before the window of a statistic of the level. */
export function levelBefore(name: string, { deviations }: Evidence): number {
  return medianBefore(deviations, Number(name.split('-')[2]));
}

/** The median deviation from entry `from` on less the one before the window, in logs. */
export function levelSince(name: string, evidence: Evidence, from: number): number {
  const { deviations } = evidence;
  return quantile(deviations, from, deviations.length, 0.5) - levelBefore(name, evidence);
}

/** Whether the last bins are nearer to where they were before than to where a shift of `peak` had brought them. */
export function hasComeBack(name: string, { deviations }: Evidence, before: number, peak: number): boolean {
  const sign = name.startsWith('level-up') ? 1 : -1;
  const now = quantile(deviations, deviations.length - shortLevelWindow, deviations.length, 0.5);
  return sign * (now - before) < peak / 2;
}

const level = (test: LevelTest, sign: 1 | -1): DriftStatistic => ({
  ...test,
  name: `level-${sign === 1 ? 'up' : 'down'}-${test.window}`,
  kind: 'level',
  of: (evidence) => levelShift(evidence, test, sign),
  parts: (evidence) => {
    const before = medianBefore(evidence.deviations, test.window);
    const half = Math.max(levelShift(evidence, test, sign), 0) / 2;
    // One bin far out says no more than that it is beyond the change.
    return evidence.deviations.map((value) =>
      value === null ? 0 : Math.max(-2 * half, Math.min(2 * half, sign * (value - before) - half)),
    );
  },
});

/** The mean of the window, less what is usual. */
const mean = (
  name: string,
  kind: DriftKind,
  { floor, window }: { floor: number; window: number },
  valuesOf: (evidence: Evidence) => readonly number[],
  usualOf: (evidence: Evidence) => number = () => 0,
): DriftStatistic => {
  const of = (evidence: Evidence) => average(valuesOf(evidence), window) - usualOf(evidence);
  return {
    name,
    kind,
    window,
    floor,
    of,
    parts: (evidence) => {
      const half = of(evidence) / 2;
      const usual = usualOf(evidence);
      return valuesOf(evidence).map((value) => value - usual - half);
    },
  };
};

export const driftStatistics: readonly DriftStatistic[] = [
  ...levelTests.flatMap((test) => [level(test, 1), level(test, -1)]),
  mean(
    'error',
    'error',
    { floor: 0.15, window: errorWindow },
    ({ errors }) => errors,
    ({ usualError }) => usualError,
  ),
  mean('misses', 'calibration', { floor: 0.08, window: calibrationWindow }, ({ misses }) => misses),
];

/** Index from which the parts' sum to the end is largest: where the change is thought to have begun. */
export function changePoint(parts: readonly number[]): number {
  let sum = 0;
  let best = Number.NEGATIVE_INFINITY;
  let from = parts.length - 1;
  for (let index = parts.length - 1; index >= 0; index--) {
    sum += parts[index]!;
    if (sum > best) {
      best = sum;
      from = index;
    }
  }
  return Math.max(0, from);
}

function average(values: readonly number[], window: number): number {
  if (values.length < window) return Number.NaN;
  let sum = 0;
  for (let index = values.length - window; index < values.length; index++) sum += values[index]!;
  return sum / window;
}
