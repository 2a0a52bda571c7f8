/**
 * Categories in service over stores in memory: the activities of a tick one after another, as the workflow calls them, and
 * a training where a test wants one. Time is bins of a minute.
 */
import { calculate } from '../../activities/allocation/calculate';
import { predict } from '../../activities/allocation/predict';
import { TickBins } from '../../activities/allocation/tickBins';
import { verify } from '../../activities/allocation/verify';
import { reviewHold } from '../../activities/training/reviewHold';
import type { CategorySettings } from '../../core/category/settings';
import { replayThrough, succeeding } from '../../core/forecasting/calibration/successor';
import { familyNamed } from '../../core/forecasting/families/families';
import { trainingDays } from '../../core/forecasting/trainingWindow';
import { fitOptionsOf } from '../../core/serving/query';
import type { DemandStore } from '../../ports/stores/demand/demandStore';
import { type AllocationState, firstState, remember } from '../../workflows/allocation/state';
import type { LearningStage } from '../../workflows/contracts';
import {
  bin,
  memoryBoots,
  memoryDecisions,
  memoryDemand,
  memoryFleet,
  memoryHolds,
  memoryLeadTimes,
  memoryModels,
  memoryScores,
  noEvents,
} from '../activities/memoryStores';
import { testPolicy } from '../support/policy';
import { silentSources } from '../support/silentSources';

export const binMs = 60_000;
export const startMs = Date.UTC(2026, 0, 5);
/** After the start of its bin a tick begins. */
const tickDelayMs = 2_000;

export interface Ticked {
  readonly planned: number;
  readonly peak: readonly number[];
  readonly stage: LearningStage;
  readonly distrusted: boolean;
}

export class InService {
  readonly demand = counted(memoryDemand());
  private readonly states = new Map<string, AllocationState>();
  private nowMs = startMs;
  private readonly deps = this.stores();
  private readonly steps = this.activities();
  private fits = 0;

  constructor(private readonly categories: readonly CategorySettings[]) {
    for (const settings of categories) this.states.set(settings.name, firstState(settings));
  }

  /** The count of a bin, stored when it has ended. */
  async ended(category: string, index: number, requests: number): Promise<void> {
    await this.demand.append([bin(category, startMs + index * binMs, requests)]);
  }

  /** Fits on what was before bin `index` and promotes; the new model goes on with the calibration of the one before. */
  async train(settings: CategorySettings, family: string, index: number): Promise<void> {
    const { models, demand } = this.deps;
    const { name, dayMs } = settings;
    const endMs = startMs + index * binMs;
    const fromMs = Math.max(startMs, endMs - trainingDays * dayMs);
    const history = await demand.series(name, { binMs, dayMs }, fromMs, endMs);
    const options = fitOptionsOf(settings, 5);
    const context = { events: [] };
    const model = await familyNamed(family).fit(history, context, options);
    const before = await models.incumbent(name);
    if (before !== null) {
      const served = familyNamed(before.family).load(before.state);
      replayThrough(served, history, context, options, { fromMs: before.trainedToMs, toMs: endMs });
      succeeding(model, served);
    }
    const id = `${name}-${++this.fits}`;
    await models.save({
      ...{ id, category: name, family },
      parameters: { leadBins: options.leadBins },
      trainedFromMs: fromMs,
      trainedToMs: endMs,
      figures: null,
      state: model.serialize(),
    });
    await models.promote(name, id, 'test');
  }

  async reviewHold(settings: CategorySettings, index: number): Promise<void> {
    const { name, dayMs } = settings;
    const endMs = startMs + index * binMs;
    const history = await this.demand.series(name, { binMs, dayMs }, startMs, endMs);
    await reviewHold(this.deps, settings, history, 5, endMs);
  }

  /** What reviews came to, oldest first. */
  chosenHoldsMs(): number[] {
    return this.deps.holds.reviews.map(({ holdMs }) => holdMs);
  }

  /** One tick at the start of bin `index`, and a look in its middle. */
  async tick(settings: CategorySettings, index: number): Promise<Ticked> {
    const { name } = settings;
    const state = this.states.get(name)!;
    const atMs = startMs + index * binMs + tickDelayMs;
    this.nowMs = atMs;
    const predicted = await this.steps.predict({
      ...{ forecastId: `${name}@${index}`, settings, atMs },
      distrust: state.forecast?.distrust ?? null,
    });
    state.forecast = predicted;
    const decision = await this.steps.calculate({
      ...{ decisionId: `${name}@${index}`, settings, trigger: 'bin', atMs, predicted },
      provisioned: state.counts.planned,
      routable: state.counts.planned,
      previousPlanned: state.decisions.at(-1)?.planned ?? null,
      required: state.required,
      override: null,
      coming: [],
      paused: false,
      health: null,
      atLeast: null,
    });
    remember(state, decision);
    this.nowMs = atMs + 500;
    await this.look(settings, this.steps.verify, decision.decisionId);
    this.nowMs = atMs + binMs / 2;
    await this.look(settings, this.steps.verify, null);
    const { peak, stage, distrust } = predicted;
    return { planned: decision.planned, peak: peak.peak, stage, distrusted: distrust !== null };
  }

  /** Looks at what the last tick came to, by a worker that has not been there. */
  async lookElsewhere(settings: CategorySettings, times: number): Promise<void> {
    const { demand, now } = this.deps;
    const elsewhere = verify(this.deps, new TickBins(demand, now));
    for (let time = 0; time < times; time++) await this.look(settings, elsewhere, 'elsewhere');
  }

  private look(
    settings: CategorySettings,
    verifies: ReturnType<typeof verify>,
    decisionId: string | null,
  ): ReturnType<typeof verifies> {
    const { forecast, counts, decisions } = this.states.get(settings.name)!;
    return verifies({
      ...{ settings, decisionId },
      predicted: forecast,
      planned: counts.planned,
      requestsPerNodeBin: decisions.at(-1)?.requestsPerNodeBin ?? null,
      trainedMs: null,
      orderedMs: null,
      unmetSinceMs: null,
      health: null,
      paused: false,
    });
  }

  private stores() {
    const decisions = memoryDecisions();
    const { categories } = this;
    const record = (settings: CategorySettings) => ({
      settings,
      status: 'running' as const,
      learnedRequestsPerNodeSecond: null,
    });
    const nothing = async () => ({ created: [], removed: [], provisioned: 0 });
    return {
      decisions,
      demand: this.demand,
      models: memoryModels(),
      accuracy: memoryScores(decisions),
      events: noEvents,
      leadTimes: memoryLeadTimes(),
      holds: memoryHolds(),
      fleet: memoryFleet(),
      nodes: memoryBoots(),
      categories: {
        put: async () => undefined,
        stopped: async () => undefined,
        learn: async () => undefined,
        get: async () => null,
        list: async () => categories.map(record),
      },
      pool: {
        observe: async () => ({ nodes: [], provisioned: 0, routable: 0 }),
        reconcile: nothing,
        remove: nothing,
      },
      demandSources: silentSources,
      policy: testPolicy(),
      now: () => this.nowMs,
    };
  }

  private activities() {
    const bins = new TickBins(this.deps.demand, this.deps.now);
    return {
      predict: predict(this.deps, bins),
      calculate: calculate(this.deps, bins),
      verify: verify(this.deps, bins),
    };
  }
}

/** The store with a count of its reads of bins. */
function counted(demand: ReturnType<typeof memoryDemand>): ReturnType<typeof memoryDemand> & {
  reads: Record<'recent' | 'series' | 'totals' | 'span', number>;
} {
  const reads = { recent: 0, series: 0, totals: 0, span: 0 };
  const counting = <Name extends keyof typeof reads>(name: Name): DemandStore[Name] =>
    ((...asked: unknown[]) => {
      reads[name]++;
      return (demand[name] as (...given: unknown[]) => unknown).apply(demand, asked);
    }) as DemandStore[Name];
  return {
    ...demand,
    reads,
    recent: counting('recent'),
    series: counting('series'),
    totals: counting('totals'),
    span: counting('span'),
  };
}
