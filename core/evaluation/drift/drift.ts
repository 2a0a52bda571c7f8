/**
 * The bins and scores of one category as they come → what has changed, since when: the level of demand, the error of
 * its forecasts, or their calibration. State is plain JSON, so that any worker can go on with it.
 */
import { type BinClock, binStart } from '../../demand/clock';
import { type DemandSeries, seriesEndMs } from '../../demand/series';
import type { DemandEvent } from '../../events/event';
import { wholePercent } from '../../text/figures';
import type { ForecastScore } from '../accuracy/accuracy';
import {
  changePoint,
  type DriftKind,
  type DriftStatistic,
  driftStatistics,
  type Evidence,
  evidenceKept,
  levelSince,
  shortLevelWindow,
} from './driftStatistics';
import { type Doubt, doubtAbout, lookAgain } from './levelDoubt';
import { type DailyRecord, noRecord, recordDays, thresholdOf, withValue } from './recordTest';
import { emptyProfile, expectedAt, forgetting, type SeasonProfile, withBin } from './seasonProfile';

/** Days of history that a category without any state begins with. */
export const driftWarmUpDays = 14;
/** Most bins that are taken in one go: some ten milliseconds. */
export const driftBinsAtOnce = 500;
/** Steps that the usual error is averaged over. */
const usualErrorSteps = 4_320;

export interface Drift {
  readonly kind: DriftKind;
  /** When the change is thought to have begun, and when it was found, ms. */
  readonly sinceMs: number;
  readonly detectedMs: number;
  /** In a sentence without its end. */
  readonly what: string;
}

/** Days without the same finding about the same model. */
const quietDays = 7;
/** Bins after an event that still count as its own. */
const aroundEvents = 30;
/** Plain data, kept between calls; missing bins are null. */
export interface DriftState {
  readonly version: 1;
  readonly binMs: number;
  readonly dayMs: number;
  readonly modelId: string | null;
  /** Start of the first bin that was not taken yet, ms. */
  readonly nextBinMs: number;
  readonly profile: SeasonProfile;
  readonly deviations: readonly (number | null)[];
  readonly errors: readonly number[];
  readonly usualError: { readonly mean: number; readonly steps: number };
  readonly misses: readonly number[];
  /** When the windows of the scores ended, ms: one entry a step of `errors`. */
  readonly scoredMs: readonly number[];
  /** By name of the statistic. */
  readonly records: Readonly<Record<string, DailyRecord>>;
  /** Until when a kind is not tested, ms, since it has just found something. */
  readonly silentUntilMs: Readonly<Partial<Record<DriftKind, number>>>;
  /** A burst that the quicker test of the level took for a change: until then only larger ones count for it, ms. */
  readonly burst: { readonly untilMs: number; readonly peak: number } | null;
  /** A change of the level that may yet prove to be a burst. */
  readonly doubt: Doubt | null;
  /** What was found and has neither been answered by a training nor is a day old. */
  readonly active: readonly Drift[];
}

export interface DriftInput {
  /** Measured demand up to now, with every bin from the state's `nextBinMs` on. */
  readonly series: DemandSeries;
  /** Known events: what they do to the level is no drift. */
  readonly events?: readonly Pick<DemandEvent, 'startMs' | 'endMs'>[];
  /** Scores that are new. */
  readonly scores: readonly ForecastScore[];
  /** The model in service; another one than before begins with a clean slate. */
  readonly modelId: string | null;
  /** When the last training of the category ended, ms: what was found before is answered. null = none yet. */
  readonly trainedMs: number | null;
}

/** Whether stored JSON is a state of this version and clock. */
export function isDriftState(stored: unknown, { binMs, dayMs }: BinClock): stored is DriftState {
  if (stored === null || typeof stored !== 'object') return false;
  const { version, binMs: ofBins, dayMs: ofDays } = stored as Partial<DriftState>;
  return version === 1 && ofBins === binMs && ofDays === dayMs;
}

/** The state of a category that is new, or whose clock has changed. */
export function firstDriftState(clock: BinClock, fromMs: number, modelId: string | null): DriftState {
  return {
    version: 1,
    binMs: clock.binMs,
    dayMs: clock.dayMs,
    modelId,
    nextBinMs: binStart(clock, fromMs),
    profile: emptyProfile(clock),
    deviations: [],
    errors: [],
    usualError: { mean: 0, steps: 0 },
    misses: [],
    scoredMs: [],
    records: {},
    silentUntilMs: {},
    burst: null,
    doubt: null,
    active: [],
  };
}

/** One bin after the other, each with the scores that it decided; `found` are the changes that were not known before. */
export function advanceDrift(before: DriftState, input: DriftInput): { state: DriftState; found: Drift[] } {
  const { series, scores, modelId, trainedMs, events = [] } = input;
  const { binMs, dayMs } = series.clock;
  const endMs = seriesEndMs(series);
  const changed = before.modelId !== modelId;
  let state: DriftState = {
    ...before,
    // Written in place below.
    deviations: [...before.deviations],
    ...(changed
      ? { errors: [], misses: [], scoredMs: [], modelId, silentUntilMs: levelOnly(before) }
      : {
          errors: [...before.errors],
          misses: [...before.misses],
          scoredMs: [...before.scoredMs],
        }),
    active: before.active.filter(
      ({ detectedMs }) =>
        !changed && !(trainedMs !== null && trainedMs > detectedMs) && endMs - detectedMs < dayMs,
    ),
  };
  const found: Drift[] = [];
  const firstMs = Math.max(state.nextBinMs, series.startMs);
  const decided = new Map<number, ForecastScore[]>();
  const none = firstMs >= endMs;
  for (const score of scores) {
    if (score.modelId !== modelId) continue;
    const binOf = none ? 0 : Math.min(Math.max(score.dueMs - binMs, firstMs), endMs - binMs);
    decided.set(binOf, [...(decided.get(binOf) ?? []), score]);
  }
  // Without a new bin nothing is tested, but no score is lost.
  if (none) state = withScores(state, decided.get(0) ?? [], state.nextBinMs);
  for (let startMs = firstMs; startMs < endMs; startMs += binMs) {
    const count = series.counts[Math.round((startMs - series.startMs) / binMs)]!;
    const occasion = events.some(
      (event) => startMs >= event.startMs && startMs < event.endMs + aroundEvents * binMs,
    );
    state = withCount(state, series.clock, startMs, occasion ? Number.NaN : count);
    state = withScores(state, decided.get(startMs) ?? [], startMs + binMs);
    const tested = test(state, series.clock, startMs + binMs);
    state = tested.state;
    found.push(...tested.found);
  }
  return { state, found };
}

/** What was wrong with a model is forgotten with it; a level that changed is not. */
const levelOnly = ({ silentUntilMs }: DriftState) =>
  silentUntilMs.level === undefined ? {} : { level: silentUntilMs.level };

function withCount(state: DriftState, clock: BinClock, startMs: number, count: number): DriftState {
  const value = Math.log1p(count);
  const deviation = value - expectedAt(state.profile, clock, startMs);
  add(state.deviations, Number.isNaN(deviation) ? null : rounded(deviation), evidenceKept.deviations);
  return {
    ...state,
    nextBinMs: startMs + clock.binMs,
    profile: withBin(state.profile, clock, startMs, value),
  };
}

/** One step, however many windows ended in it. */
function withScores(state: DriftState, scores: readonly ForecastScore[], nowMs: number): DriftState {
  if (scores.length === 0) return state;
  const judged = scores.filter(({ loss, baselineLoss }) => baselineLoss !== null && loss + baselineLoss > 0);
  const { mean, steps } = state.usualError;
  const error =
    judged.length === 0
      ? mean
      : average(judged.map(({ loss, baselineLoss }) => (loss - baselineLoss!) / (loss + baselineLoss!)));
  const counted = Math.min(steps + 1, usualErrorSteps);
  add(state.errors, rounded(error), evidenceKept.scores);
  for (const { horizonBins, actual, upper } of scores)
    if (horizonBins === 0) add(state.misses, actual > upper ? 1 : 0, evidenceKept.scores);
  add(state.scoredMs, nowMs, evidenceKept.scores);
  return judged.length === 0
    ? state
    : { ...state, usualError: { mean: mean + (error - mean) / counted, steps: counted } };
}

function test(before: DriftState, clock: BinClock, nowMs: number): { state: DriftState; found: Drift[] } {
  const evidence = evidenceOf(before);
  const day = Math.floor(nowMs / clock.dayMs);
  const state = withDoubtSettled(before, evidence, clock, nowMs);
  const records = { ...state.records };
  const alarms = new Map<DriftKind, DriftStatistic>();
  for (const statistic of driftStatistics) {
    if ((state.silentUntilMs[statistic.kind] ?? 0) > nowMs) continue;
    const value = statistic.of(evidence);
    if (Number.isNaN(value)) continue;
    const record = records[statistic.name] ?? noRecord;
    if (
      !(statistic.window === shortLevelWindow && likeBurst(state, value, nowMs)) &&
      value > statistic.floor &&
      value > thresholdOf(record, statistic) &&
      !alarms.has(statistic.kind)
    )
      alarms.set(statistic.kind, statistic);
    records[statistic.name] = withValue(record, day, rounded(value));
  }
  if (alarms.size === 0) return { state: { ...state, records }, found: [] };
  const levelAlarm = alarms.get('level');
  const found = [...alarms.values()].map((statistic) => driftOf(statistic, evidence, state, clock, nowMs));
  // A level that changed is the new one from now on; what is wrong with a model stays so until there is another.
  const silent = found.map(({ kind }) => [
    kind,
    nowMs + (kind === 'level' ? relearningMs(clock) : quietDays * clock.dayMs),
  ]);
  return {
    found,
    state: {
      ...state,
      records,
      silentUntilMs: { ...state.silentUntilMs, ...Object.fromEntries(silent) },
      doubt: levelAlarm ? doubtAbout(levelAlarm, evidence, state.profile, nowMs) : state.doubt,
      active: [...state.active, ...found],
    },
  };
}

/**
 * A day in which every time of day is seen once at the new level, and then as long as deviations from what was usual before
 * it are part of the evidence: beside those the new day would look like a change back.
 */
const relearningMs = ({ dayMs, binMs }: BinClock) => dayMs + evidenceKept.deviations * binMs;

/** Not twice as large as the burst that is remembered. */
const likeBurst = ({ burst }: DriftState, value: number, nowMs: number) =>
  burst !== null && nowMs < burst.untilMs && value < 2 * burst.peak;

/** Takes back what proved to be a burst, and lets what proved to be a change be the new level. */
function withDoubtSettled(state: DriftState, evidence: Evidence, clock: BinClock, nowMs: number): DriftState {
  const { doubt } = state;
  if (doubt === null) return state;
  const verdict = lookAgain(doubt, evidence, clock, nowMs);
  if (verdict.is === 'open') return { ...state, doubt: verdict.doubt };
  if (verdict.is === 'change')
    return {
      ...state,
      doubt: null,
      // What the day usually brings is no guide any more: the next day is.
      profile: forgetting(state.profile),
      silentUntilMs: { ...state.silentUntilMs, level: nowMs + relearningMs(clock) },
    };
  const day = Math.floor(nowMs / clock.dayMs);
  const records = { ...state.records };
  for (const [name, peak] of Object.entries(verdict.peaks))
    records[name] = withValue(records[name] ?? noRecord, day, rounded(peak));
  return {
    ...state,
    doubt: null,
    records,
    // A burst says nothing about what the day usually brings.
    profile: { ...verdict.profile, open: state.profile.open },
    silentUntilMs: { ...state.silentUntilMs, level: nowMs },
    burst:
      verdict.shortPeak === null
        ? state.burst
        : { untilMs: nowMs + recordDays * clock.dayMs, peak: rounded(verdict.shortPeak) },
    active: state.active.filter(
      ({ kind, detectedMs }) => !(kind === 'level' && detectedMs === doubt.detectedMs),
    ),
  };
}

function driftOf(
  statistic: DriftStatistic,
  evidence: Evidence,
  state: DriftState,
  clock: BinClock,
  nowMs: number,
): Drift {
  const parts = statistic.parts(evidence);
  const from = changePoint(parts);
  const sinceMs =
    statistic.kind === 'level'
      ? nowMs - (parts.length - from) * clock.binMs
      : (state.scoredMs[Math.max(0, state.scoredMs.length - (parts.length - from))] ?? nowMs);
  const size =
    statistic.kind === 'level' ? levelSince(statistic.name, evidence, from) : statistic.of(evidence);
  return { kind: statistic.kind, sinceMs, detectedMs: nowMs, what: describe(statistic.name, size, evidence) };
}

function describe(name: string, value: number, { usualError }: Evidence): string {
  // (a − b) ÷ (a + b) = e means a ÷ b = (1 + e) ÷ (1 − e).
  const ratio = (error: number) => ((1 + error) / Math.max(1 - error, 1e-3)).toFixed(2);
  if (name === 'error')
    return `the loss is about ${ratio(value + usualError)} times that of the last value, it used to be ${ratio(usualError)} times`;
  if (name === 'misses') return `${wholePercent(value)} of the peaks are above their upper quantile`;
  return `demand is ${Math.exp(value).toFixed(2)} times what it was before, for its time of day`;
}

function evidenceOf({ deviations, errors, usualError, misses }: DriftState): Evidence {
  return { deviations, errors, usualError: usualError.mean, misses };
}

/** In place: `values` belong to the call of `advanceDrift` that is under way. */
function add<T>(values: readonly T[], value: T, count: number): void {
  const own = values as T[];
  own.push(value);
  if (own.length > count) own.shift();
}

/** Never −0, which JSON does not know. */
const rounded = (value: number) => Math.round(value * 1_000) / 1_000 || 0;
const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
