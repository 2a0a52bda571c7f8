/** What PostgreSQL and the load generator know of a finished play → the numbers of the run. */
import { foresightPlan } from '../../../core/evaluation/costs/foresight';
import type {
  DecisionRecord,
  DecisionStore,
  ForecastRecord,
} from '../../../ports/stores/forecasts/decisionStore';
import type { NodeStore } from '../../../ports/stores/nodes/nodeStore';
import { eventRamp, overflowOf, rampBins } from '../../../simulation/workload/eventRamps';
import {
  forecastFigures,
  type MadeForecast,
  neededNodes,
  nodeBinsUsed,
  type PlayedBins,
  readiness,
  routableAtStart,
} from '../../../simulation/workload/playFigures';
import type { PlayedCategory, PlayPlan } from '../../../simulation/workload/playPlan';
import type { CategoryStatus } from '../../../workflows/contracts';
import { addBins, emptyBin, type LoadBin, type LoadLatency } from '../load/loadTypes';
import type { CategoryResult } from './result';

export interface PlayedLoad {
  /** By category: one entry per bin from the start of the warm-up. */
  readonly bins: ReadonlyMap<string, readonly LoadBin[]>;
  readonly latency: Readonly<Record<string, LoadLatency | null>>;
}

export interface CollectFrom {
  readonly decisions: DecisionStore;
  readonly nodes: NodeStore;
}

export async function collectCategory(
  stores: CollectFrom,
  plan: PlayPlan,
  category: PlayedCategory,
  played: PlayedLoad,
  status: CategoryStatus | null,
  risk: number,
): Promise<CategoryResult> {
  const { name, map } = category;
  const warmUpBins = Math.round((plan.fromMs - plan.warmUpFromMs) / plan.binMs);
  const bins = Array.from(
    { length: category.bins },
    (_, bin) => played.bins.get(name)?.[warmUpBins + bin] ?? emptyBin,
  );
  const window: PlayedBins = { fromMs: plan.fromMs, binMs: plan.binMs, counts: bins.map(({ sent }) => sent) };
  const toMs = plan.fromMs + category.bins * plan.binMs;
  const [decisions, forecasts, lives] = await Promise.all([
    stores.decisions.decisions(name, plan.fromMs, toMs),
    stores.decisions.forecastsBetween(name, plan.fromMs, toMs),
    stores.nodes.between(name, plan.fromMs, toMs),
  ]);
  const requestsPerNodeBin =
    meanOf(decisions.map((decision) => decision.requestsPerNodeBin)) ?? category.requestsPerNodeBin;
  const routable = routableAtStart(lives, window);
  const aheadBins = forecasts[0]?.horizonBins[0] ?? category.leadBins;
  return {
    category: name,
    origin: category.origin,
    traceFrom: new Date(map.toTrace(plan.fromMs)).toISOString(),
    traceTo: new Date(map.toTrace(toMs)).toISOString(),
    factor: category.factor,
    load: addBins(bins),
    latency: played.latency[name] ?? null,
    objective: { latencyMs: category.objectiveMs, share: category.objectiveShare },
    nodeBins: nodeBinsUsed(lives, window),
    foresightNodeBins: foresightPlan({
      counts: window.counts,
      requestsPerNodeBin,
      leadBins: category.leadBins,
    }).reduce((sum, nodes) => sum + nodes, 0),
    requestsPerNodeBin,
    readiness: readiness(neededNodes(window.counts, requestsPerNodeBin), routable),
    peakRoutable: Math.max(0, ...routable),
    overflow: overflowOf(window.counts, routable, requestsPerNodeBin),
    occasions: category.occasions.map(({ title, startMs }) => {
      const ramp = rampBins(window, startMs, category.dayBins);
      return {
        title,
        start: new Date(map.toTrace(startMs)).toISOString(),
        ...eventRamp(window, lives, requestsPerNodeBin, ramp),
        load: addBins(bins.slice(...ramp)),
      };
    }),
    twinOf: category.twinOf,
    decisions: decisionFigures(decisions, plan, category.bins),
    forecast: {
      ...forecastFigures(
        forecasts.map((record) => madeForecast(record, risk)),
        window,
      ),
      aheadBins,
      risk,
      families: countBy(forecasts, ({ family }) => family),
      trainedModel:
        // The last value counts as a model if a training chose it.
        forecasts.findLast(({ modelId }) => modelId !== null)?.family ?? null,
    },
    troubles: (status?.rejected ?? []).map(({ what, why }) => `${what}: ${why}`),
  };
}

function decisionFigures(
  decisions: readonly DecisionRecord[],
  plan: PlayPlan,
  bins: number,
): CategoryResult['decisions'] {
  const onForecast = new Set(
    decisions
      .filter(({ peakDemand }) => peakDemand !== null)
      .map(({ madeMs }) => Math.floor((madeMs - plan.fromMs) / plan.binMs)),
  );
  const planned = decisions.map((decision) => decision.plan.planned);
  return {
    made: decisions.length,
    onForecastBins: onForecast.size,
    bins,
    changes: planned.filter((nodes, index) => index > 0 && nodes !== planned[index - 1]).length,
    rules: countBy(decisions, (decision) => decision.plan.rule),
  };
}

function madeForecast(record: ForecastRecord, risk: number): MadeForecast {
  const at = (probability: number) =>
    record.probabilities.findIndex((known) => Math.abs(known - probability) < 1e-9);
  return {
    originMs: record.forecast.originMs,
    aheadBins: record.horizonBins[0] ?? 1,
    p50: record.forecast.horizons[0]?.[at(0.5)] ?? Number.NaN,
    leadBins: record.leadBins,
    peakUpper: record.forecast.peak[at(1 - risk)] ?? Number.NaN,
  };
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
