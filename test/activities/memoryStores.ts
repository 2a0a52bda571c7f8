/** Stores in memory, for activities under test: the same promises as PostgreSQL's, without a server. */

import type { NodeBoot } from '../../core/capacity/boots';
import type { FleetClaim } from '../../core/capacity/fleetShare';
import type { BinClock } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import {
  dueMsOf,
  type ForecastScore,
  type ForecastTarget,
  sumsOf,
} from '../../core/evaluation/accuracy/accuracy';
import type { Json } from '../../core/forecasting/model';
import type { BinRow, DemandStore } from '../../ports/stores/demand/demandStore';
import type { EventStore } from '../../ports/stores/events/eventStore';
import type { AccuracyStore } from '../../ports/stores/forecasts/accuracyStore';
import {
  type DecisionRecord,
  type DecisionStore,
  type ForecastRecord,
  notUsed,
} from '../../ports/stores/forecasts/decisionStore';
import type { ModelStore, StoredModel } from '../../ports/stores/forecasts/modelStore';
import type { FleetRecord, FleetStore } from '../../ports/stores/nodes/fleetStore';
import type { HoldRecord, HoldStore } from '../../ports/stores/nodes/holdStore';
import type { LeadRecord, LeadTimeStore } from '../../ports/stores/nodes/leadTimeStore';
import type { NodeStore } from '../../ports/stores/nodes/nodeStore';

export function memoryDemand(rows: BinRow[] = []): DemandStore & { rows: BinRow[] } {
  const of = (category: string, fromMs: number, toMs: number) =>
    rows.filter((row) => row.category === category && row.startMs >= fromMs && row.startMs < toMs);
  return {
    rows,
    append: async (added) => void rows.push(...added),
    appendLive: async (added) => void rows.push(...added),
    liveEnds: async () => new Map(),
    series: async (category, clock: BinClock, fromMs, toMs): Promise<DemandSeries> => {
      const counts = new Float64Array(Math.round((toMs - fromMs) / clock.binMs)).fill(Number.NaN);
      for (const { startMs, requests } of of(category, fromMs, toMs))
        counts[Math.round((startMs - fromMs) / clock.binMs)] = requests;
      return { clock, startMs: fromMs, counts };
    },
    totals: async (category, fromMs, toMs) => of(category, fromMs, toMs),
    async recent(category, clock, fromMs, detailFromMs, toMs) {
      const series = await this.series(category, clock, fromMs, toMs);
      return { series, totals: of(category, detailFromMs, toMs) };
    },
    span: async (category) => {
      const starts = rows.filter((row) => row.category === category).map(({ startMs }) => startMs);
      return starts.length === 0 ? null : { firstMs: Math.min(...starts), lastMs: Math.max(...starts) };
    },
    lastBefore: async (category, beforeMs) => {
      const starts = rows.filter((row) => row.category === category && row.startMs < beforeMs);
      return starts.length === 0 ? null : Math.max(...starts.map(({ startMs }) => startMs));
    },
    categories: async () => [...new Set(rows.map(({ category }) => category))].sort(),
    widestBinMs: async () => null,
  };
}

export function bin(category: string, startMs: number, requests: number, more: Partial<BinRow> = {}): BinRow {
  return {
    category,
    source: 'test',
    startMs,
    requests,
    busySeconds: null,
    capacitySeconds: null,
    latencyMeanMs: null,
    latencyP99Ms: null,
    late: null,
    errors: null,
    ...more,
  };
}

export const noEvents: EventStore = {
  put: async () => undefined,
  withdraw: async () => false,
  between: async () => [],
};

export function memoryModels(): ModelStore & { kept: StoredModel[] } {
  const kept: StoredModel[] = [];
  const incumbent = (category: string) =>
    kept.find((model) => model.category === category && model.status === 'incumbent') ?? null;
  let changes = 0;
  const become = (id: string, status: StoredModel['status'], reason: string) => {
    const index = kept.findIndex((model) => model.id === id);
    kept[index] = { ...kept[index]!, status, reason, statusMs: ++changes };
  };
  return {
    kept,
    save: async (model) =>
      void kept.push({ ...model, status: 'candidate', reason: null, createdMs: 0, statusMs: 0 }),
    promote: async (category, id, reason) => {
      for (const model of kept)
        if (model.category === category && model.status === 'incumbent') become(model.id, 'retired', reason);
      become(id, 'incumbent', reason);
    },
    reject: async (id, reason) => become(id, 'rejected', reason),
    rollBack: async (category, failedId, toId, reason) => {
      if (incumbent(category)?.id !== failedId) return;
      become(failedId, 'rejected', reason);
      if (toId !== null) become(toId, 'incumbent', reason);
    },
    incumbent: async (category) => incumbent(category),
    incumbentId: async (category) => incumbent(category)?.id ?? null,
    load: async (id) => kept.find((model) => model.id === id) ?? null,
    list: async () => kept,
  };
}

export function memoryDecisions(): DecisionStore & {
  forecasts: Map<string, ForecastRecord>;
  made: Map<string, DecisionRecord>;
} {
  const forecasts = new Map<string, ForecastRecord>();
  const made = new Map<string, DecisionRecord>();
  return {
    forecasts,
    made,
    putForecast: async (record) => void forecasts.set(record.id, record),
    putDecision: async (record) => void made.set(record.id, record),
    settle: async () => undefined,
    decisions: async () => [...made.values()],
    forecast: async (id) => forecasts.get(id) ?? null,
    forecastsBetween: async () => [...forecasts.values()],
    peaksBetween: async (category, fromMs, toMs) =>
      [...forecasts.values()].flatMap(({ id, category: of, leadBins, probabilities, forecast }) =>
        of === category && !id.endsWith(notUsed) && forecast.originMs >= fromMs && forecast.originMs < toMs
          ? [{ originMs: forecast.originMs, leadBins, probabilities, peak: forecast.peak }]
          : [],
      ),
  };
}

export function memoryFleet(maxNodes: number | null = null): FleetStore & { maxNodes: number | null } {
  const claims = new Map<string, FleetRecord>();
  return {
    maxNodes,
    async budget() {
      return this.maxNodes;
    },
    async setBudget(nodes) {
      this.maxNodes = nodes;
    },
    async claim(wish, atMs, grant) {
      const others: FleetClaim[] = [...claims.values()].filter(({ category }) => category !== wish.category);
      const granted = grant(others, this.maxNodes);
      claims.set(wish.category, { ...wish, ...granted, claimedMs: atMs });
      return granted;
    },
    release: async (category) => void claims.delete(category),
    claims: async () => [...claims.values()],
  };
}

export function memoryLeadTimes(): LeadTimeStore & { changes: LeadRecord[] } {
  const changes: LeadRecord[] = [];
  return {
    changes,
    put: async (record) => void changes.push(record),
    at: async (category, atMs) =>
      changes.filter((change) => change.category === category && change.sinceMs <= atMs).at(-1) ?? null,
  };
}

export function memoryHolds(): HoldStore & { reviews: HoldRecord[] } {
  const reviews: HoldRecord[] = [];
  return {
    reviews,
    put: async (record) => void reviews.push(record),
    at: async (category, atMs) =>
      reviews.filter((review) => review.category === category && review.reviewedMs <= atMs).at(-1) ?? null,
  };
}

/** What is known of how long nodes took; nothing else of them. */
export function memoryBoots(boots: readonly NodeBoot[] = []): NodeStore {
  return {
    sync: async () => undefined,
    between: async () => [],
    boots: async (_category, fromMs, toMs) =>
      boots.filter(({ orderedMs }) => orderedMs >= fromMs && orderedMs < toMs),
  };
}

/** How models have done in service, by id: the loss of their peaks ÷ that of the last value, over a thousand decisions. */
export function memoryAccuracy(relativeLoss: Record<string, number> = {}): AccuracyStore {
  return {
    due: async () => [],
    tests: async () => null,
    record: async () => null,
    sums: async () => [],
    drifts: async () => [],
    ofModel: async (_category, modelId) => {
      const ratio = relativeLoss[modelId];
      const span = { modelId, family: 'boosted', horizonBins: 0, firstMs: 0, lastMs: 0 };
      return ratio === undefined
        ? []
        : [{ ...sumsOf([]), ...span, scores: 1_000, loss: 100 * ratio, baselineLoss: 100 }];
    },
  };
}

/** Scores of the forecasts that `decisions` keeps, as PostgreSQL does it. */
export function memoryScores(decisions: ReturnType<typeof memoryDecisions>): AccuracyStore {
  const scores = new Map<string, ForecastScore>();
  const tests = new Map<string, Json>();
  const keyOf = ({ forecastId, horizonBins }: Pick<ForecastScore, 'forecastId' | 'horizonBins'>) =>
    `${horizonBins} ${forecastId}`;
  const targetsOf = (category: string, fromMs: number) =>
    [...decisions.forecasts.values()]
      .filter((made) => made.category === category && made.forecast.originMs >= fromMs)
      .flatMap(({ id, horizonBins, forecast, ...made }): ForecastTarget[] =>
        [0, ...horizonBins].map((ahead, place) => ({
          ...made,
          forecastId: id,
          originMs: forecast.originMs,
          horizonBins: ahead,
          quantiles: place === 0 ? forecast.peak : forecast.horizons[place - 1]!,
        })),
      );
  const summed = (chosen: readonly ForecastScore[]) =>
    [...new Set(chosen.map(({ modelId, horizonBins }) => `${modelId}/${horizonBins}`))].map((group) => {
      const of = chosen.filter(({ modelId, horizonBins }) => `${modelId}/${horizonBins}` === group);
      const { modelId, family, horizonBins } = of[0]!;
      return { ...sumsOf(of), modelId, family, horizonBins, firstMs: 0, lastMs: 0 };
    });
  const within = (category: string, fromMs: number, toMs: number) =>
    [...scores.values()].filter(
      ({ forecastId, originMs }) =>
        forecastId.startsWith(`${category}@`) && originMs >= fromMs && originMs < toMs,
    );
  return {
    due: async (category, { binMs, longestBins, fromMs, toMs }) =>
      targetsOf(category, fromMs - longestBins * binMs)
        .filter((target) => {
          const dueMs = dueMsOf(target, binMs);
          return dueMs >= fromMs && dueMs <= toMs && !scores.has(keyOf(target));
        })
        .sort((a, b) => a.originMs - b.originMs),
    tests: async (category) => tests.get(category) ?? null,
    async record(category, added, advance) {
      const fresh = added.filter((score) => !scores.has(keyOf(score)));
      for (const score of fresh) scores.set(keyOf(score), score);
      const { state } = advance(tests.get(category) ?? null, fresh);
      tests.set(category, state);
      return state;
    },
    sums: async (category, fromMs, toMs) => summed(within(category, fromMs, toMs)),
    ofModel: async (category, modelId, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY) =>
      summed(within(category, fromMs, toMs).filter((score) => score.modelId === modelId)),
    drifts: async () => [],
  };
}
