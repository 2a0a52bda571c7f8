/** Forecasts whose time has come, and the bins since the last look → their scores, the figures, and what has drifted. */
import { longestLeadBins } from '../../core/capacity/leadTime';
import type { CategorySettings } from '../../core/category/settings';
import { type BinClock, binStart } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import {
  addSums,
  type ForecastScore,
  figuresOf,
  type ScoreSums,
  scoreTarget,
} from '../../core/evaluation/accuracy/accuracy';
import {
  advanceDrift,
  type DriftState,
  driftBinsAtOnce,
  driftWarmUpDays,
  firstDriftState,
  isDriftState,
} from '../../core/evaluation/drift/drift';
import type { Json } from '../../core/forecasting/model';
import { baselineBins } from '../../core/forecasting/trainingWindow';
import { horizonBinsOf } from '../../core/serving/query';
import type { AccuracySummary, VerifyInput } from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';
import { TickBins } from './tickBins';

/** What came due longer ago than this is not scored any more, e.g. after an outage. */
const graceBins = 60;
/** Bins that a late one is waited for before it counts as missing. */
const lateBins = 2;

export type ScoringDependencies = Pick<AllocationDependencies, 'accuracy' | 'demand' | 'events' | 'now'>;

export interface ScoringInput {
  readonly settings: CategorySettings;
  /** The latest prediction; null before the first. */
  readonly predicted: VerifyInput['predicted'];
  /** When the last training ended, ms; null = none yet. */
  readonly trainedMs: number | null;
}

/** Scores once, whoever calls and however often. Figures are over the last day of the model in service. */
export async function scoreForecasts(
  deps: ScoringDependencies,
  { settings, predicted, trainedMs }: ScoringInput,
  bins = new TickBins(deps.demand, deps.now),
): Promise<AccuracySummary> {
  const { name, binMs, dayMs } = settings;
  const clock: BinClock = { binMs, dayMs };
  const nowMs = deps.now();
  // The category's own model counts where it has one, whatever was decided on.
  const modelId = predicted?.incumbent?.id ?? predicted?.modelId ?? null;
  const scores = await scoresDue(deps, bins, settings, nowMs);
  const kept = driftStateOf(await deps.accuracy.tests(name), clock, nowMs, modelId);
  const fresh = await newBins(bins, settings, kept, nowMs);
  const events = await deps.events.between(name, fresh.startMs - dayMs, nowMs);
  const state = driftStateOf(
    await deps.accuracy.record(name, scores, (stored, added) => {
      const before = driftStateOf(stored, clock, nowMs, modelId);
      const { state: after, found } = advanceDrift(before, {
        series: fresh,
        events,
        scores: added,
        modelId,
        trainedMs,
      });
      return {
        state: after as unknown as Json,
        found: found.map((drift) => ({ ...drift, category: name, modelId })),
      };
    }),
    clock,
    nowMs,
    modelId,
  );
  const sums = (await deps.accuracy.sums(name, nowMs - dayMs, nowMs)).filter(
    (sum) => sum.modelId === modelId,
  );
  const horizons = [...new Set(sums.map(({ horizonBins }) => horizonBins))].sort((a, b) => a - b);
  const single = sums.filter(({ horizonBins }) => horizonBins > 0);
  const of = (parts: readonly ScoreSums[]) => figuresOf(addSums(parts));
  return {
    modelId,
    relativeError: of(single).relativeError,
    targets: horizons.map((horizonBins) => ({
      aheadMs: horizonBins * binMs,
      ...of(sums.filter((sum) => sum.horizonBins === horizonBins)),
    })),
    drifts: state.active,
  };
}

async function scoresDue(
  { accuracy }: ScoringDependencies,
  bins: TickBins,
  settings: CategorySettings,
  nowMs: number,
): Promise<ForecastScore[]> {
  const { name, risk, binMs } = settings;
  const longestBins = Math.max(longestLeadBins(settings.leadMs, binMs) + 1, ...horizonBinsOf(settings));
  const targets = await accuracy.due(name, {
    ...{ binMs, longestBins },
    fromMs: nowMs - graceBins * binMs,
    toMs: nowMs,
  });
  const [oldest] = targets;
  if (oldest === undefined) return [];
  const fromMs = oldest.originMs - baselineBins * binMs;
  const series = await bins.series(settings, nowMs, fromMs, binStart(settings, nowMs));
  const scores: ForecastScore[] = [];
  for (const target of targets) {
    const score = await scoreTarget(target, series, risk);
    if (score !== null) scores.push(score);
  }
  return scores;
}

/** The bins that the tests have not seen, some at a time where they are many. */
async function newBins(
  bins: TickBins,
  settings: CategorySettings,
  { nextBinMs }: DriftState,
  nowMs: number,
): Promise<DemandSeries> {
  const { binMs, dayMs } = settings;
  const clock: BinClock = { binMs, dayMs };
  const toMs = Math.min(binStart(clock, nowMs), nextBinMs + driftBinsAtOnce * binMs);
  if (toMs <= nextBinMs) return { clock, startMs: nextBinMs, counts: new Float64Array(0) };
  const series = await bins.series(settings, nowMs, nextBinMs, toMs);
  let length = series.counts.length;
  const sureLength = Math.round((binStart(clock, nowMs) - nextBinMs) / binMs) - lateBins;
  while (length > Math.max(0, sureLength) && Number.isNaN(series.counts[length - 1]!)) length--;
  return { ...series, counts: series.counts.subarray(0, length) };
}

/** What is stored, or a new state where there is none yet, or one of another bin width, or one much too old. */
function driftStateOf(stored: Json, clock: BinClock, nowMs: number, modelId: string | null): DriftState {
  const warmUpMs = driftWarmUpDays * clock.dayMs;
  return isDriftState(stored, clock) && nowMs - stored.nextBinMs <= warmUpMs
    ? stored
    : firstDriftState(clock, nowMs - warmUpMs, modelId);
}
