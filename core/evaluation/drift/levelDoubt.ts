/**
 * A change of the level that was found, and the bins since → whether it stays, or was a burst of the kind that this
 * category has. A burst counts with all of its size for the thresholds to come, the finding is taken back, and as long as
 * those remember it the quicker test takes only larger ones: that a category has bursts is not forgotten within a week.
 */
import type { BinClock } from '../../demand/clock';
import {
  type DriftStatistic,
  driftStatistics,
  type Evidence,
  hasComeBack,
  levelBefore,
  shortLevelWindow,
} from './driftStatistics';
import type { SeasonProfile } from './seasonProfile';

/** A level that was found to have changed is looked at again after these bins. */
const doubtBins = 90;

/** A change of the level that may yet prove to be a burst. Plain data, kept between calls. */
export interface Doubt {
  /** Of the statistic that found it. */
  readonly name: string;
  readonly detectedMs: number;
  /** Median deviation before the change. */
  readonly before: number;
  /** Highest value of the statistic since. */
  readonly peak: number;
  /** The same of the other statistics of the level, by name. */
  readonly others: Readonly<Record<string, number>>;
  /** What the time of day usually brought until then. */
  readonly profile: SeasonProfile;
}

export type Verdict =
  | { readonly is: 'open'; readonly doubt: Doubt }
  | { readonly is: 'change' }
  | {
      readonly is: 'burst';
      /** Highest values of the statistics of the level during it, by name. */
      readonly peaks: Readonly<Record<string, number>>;
      /** The highest of the statistic that takes bursts for changes; null when it was not the one that found it. */
      readonly shortPeak: number | null;
      /** What the time of day usually brings, without the burst. */
      readonly profile: SeasonProfile;
    };

export function doubtAbout(
  alarm: DriftStatistic,
  evidence: Evidence,
  profile: SeasonProfile,
  nowMs: number,
): Doubt {
  return {
    name: alarm.name,
    detectedMs: nowMs,
    before: levelBefore(alarm.name, evidence),
    peak: alarm.of(evidence),
    others: {},
    profile,
  };
}

/** Once a bin; `open` until enough of them have passed. */
export function lookAgain(doubt: Doubt, evidence: Evidence, clock: BinClock, nowMs: number): Verdict {
  const peaks = Object.fromEntries(
    driftStatistics
      .filter(({ kind }) => kind === 'level')
      .map(({ name, of }) => [name, higher(peakOf(doubt, name), of(evidence))]),
  );
  const { [doubt.name]: peak = doubt.peak, ...others } = peaks;
  if (nowMs - doubt.detectedMs < doubtBins * clock.binMs)
    return { is: 'open', doubt: { ...doubt, peak, others } };
  if (!hasComeBack(doubt.name, evidence, doubt.before, peak)) return { is: 'change' };
  const found = driftStatistics.find(({ name }) => name === doubt.name);
  return {
    is: 'burst',
    peaks,
    shortPeak: found?.window === shortLevelWindow ? peak : null,
    profile: doubt.profile,
  };
}

function peakOf(doubt: Doubt, name: string): number {
  return name === doubt.name ? doubt.peak : (doubt.others[name] ?? 0);
}

/** Of two values; NaN says nothing. */
const higher = (known: number, value: number) => (value > known ? value : known);
