/** Recent bins, known events and the incumbent model → quantiles of the demand ahead, stored whole, told in brief. */

import { orderRisk } from '../../core/capacity/plan';
import { binAwaitedUntilMs } from '../../core/category/demand';
import type { CategorySettings } from '../../core/category/settings';
import { type BinClock, binStart, binsIn } from '../../core/demand/clock';
import { type DemandSeries, measuredBins, seriesEndMs, sliceSeries } from '../../core/demand/series';
import { type Distrust, trustBins, trustOf } from '../../core/evaluation/accuracy/trust';
import type { DemandEvent } from '../../core/events/event';
import { familyNamed } from '../../core/forecasting/families/families';
import { type Forecast, type ForecastQuery, standardProbabilities } from '../../core/forecasting/model';
import { peakAtRisk } from '../../core/forecasting/peakQuantile';
import { anchorBins } from '../../core/forecasting/trainingWindow';
import { notUsed } from '../../ports/stores/decisionStore';
import type { LearningStage, PredictInput, PredictSummary } from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';
import { BorrowedModels } from '../models/borrowedModels';
import { binsToRead, forecastUpToDate, type Incumbent, Incumbents } from '../models/incumbents';
import { holdInUse } from './holdInUse';
import { leadInUse } from './leadInUse';
import { trainingDue } from './trainingDue';

/** What a category without a model is predicted from: the last value with the errors it made lately. */
const anchorFamily = 'last-value';
/** Between two looks for the bin that has just ended, ms. */
const lastBinPollMs = 40;

type PredictDependencies = Pick<
  AllocationDependencies,
  | 'demand'
  | 'events'
  | 'models'
  | 'decisions'
  | 'categories'
  | 'accuracy'
  | 'nodes'
  | 'leads'
  | 'holds'
  | 'now'
>;

export function predict(deps: PredictDependencies) {
  const incumbents = new Incumbents(deps.models);
  const borrowedModels = new BorrowedModels(deps);

  return async ({
    forecastId,
    settings,
    originMs: atMs,
    distrust: before = null,
    unmetSinceMs = null,
  }: PredictInput): Promise<PredictSummary> => {
    const clock: BinClock = { binMs: settings.binMs, dayMs: settings.dayMs };
    const originMs = binStart(clock, atMs);
    const [lead, hold, incumbent] = await Promise.all([
      leadInUse(deps, settings, unmetSinceMs, atMs),
      holdInUse(deps, settings, atMs),
      incumbents.of(settings.name, clock.binMs),
    ]);
    const query = queryOf(settings, clock, lead.bins);
    const bins = incumbent ? binsToRead(incumbent, originMs, clock.binMs) : anchorBins;
    const fromMs = originMs - bins * clock.binMs;
    const recent = await readRecent(deps, settings, clock, fromMs, originMs);
    const events = await deps.events.between(
      settings.name,
      fromMs,
      originMs + Math.max(query.leadBins, ...query.horizonBins) * clock.binMs + clock.dayMs,
    );
    const due = await trainingDue(deps, settings, incumbent, lead.bins, originMs);
    const last = recent.counts.at(-1);
    const lastDemand = last === undefined || Number.isNaN(last) ? null : last;

    if (incumbent) borrowedModels.forget(settings.name);
    const distrust =
      incumbent === null ? null : await distrustOf(deps, settings, incumbent, before, originMs);
    const own = incumbent === null ? null : ownForecast(incumbent, recent, query, events);
    const instead =
      own === null
        ? null
        : distrust === null
          ? await besideModel(own, incumbent?.leadBins ?? null, recent, query, events, settings)
          : await insteadOfModel(distrust, recent, query, events, settings);
    const made = own
      ? (instead ?? own)
      : ((await borrowedForecast(borrowedModels, recent, query, events, settings)) ??
        (await anchorForecast(recent, query, events, settings)));
    if (made === null) {
      return {
        forecastId,
        originMs,
        stage: 'default',
        family: 'default',
        modelId: null,
        peakDemand: null,
        peakQuantiles: [],
        lastDemand,
        horizons: [],
        basis: `no model and ${measuredBins(recent)} measured bins: default allocation`,
        lead,
        hold,
        ...due,
      };
    }

    const madeMs = deps.now();
    const put = (id: string, { modelId, family, forecast }: Made) =>
      deps.decisions.putForecast({
        id,
        category: settings.name,
        madeMs,
        modelId,
        family,
        horizonBins: query.horizonBins,
        leadBins: query.leadBins,
        probabilities: query.probabilities,
        forecast,
      });
    await put(forecastId, made);
    // What the model would have said is judged, so that it can come back.
    if (own !== null && made !== own) await put(`${forecastId}${notUsed}`, own);
    const upper = query.probabilities.indexOf(1 - settings.risk);
    const median = query.probabilities.indexOf(0.5);
    return {
      forecastId,
      originMs: made.forecast.originMs,
      stage: made.stage,
      family: made.family,
      modelId: made.modelId,
      peakDemand: made.forecast.peak[upper] ?? null,
      orderDemand: peakAtRisk(made.forecast, query.probabilities, orderRisk(settings.risk)),
      peakQuantiles: query.probabilities.map((probability, index) => ({
        probability,
        count: made.forecast.peak[index] ?? 0,
      })),
      lastDemand,
      horizons: made.forecast.horizons.map((quantiles, index) => ({
        aheadMs: (query.horizonBins[index] ?? 0) * clock.binMs,
        p50: quantiles[median] ?? 0,
        upper: quantiles[upper] ?? 0,
      })),
      basis: basisOf(made.basis, recent, events),
      distrust: made === own ? null : distrust,
      lead,
      hold,
      ...due,
    };
  };
}

function queryOf(settings: CategorySettings, clock: BinClock, leadBins: number): ForecastQuery {
  return {
    horizonBins: settings.horizonsMs.map((horizon) => binsIn(clock, horizon)),
    leadBins,
    probabilities: [
      ...new Set([...standardProbabilities, 1 - settings.risk, 1 - orderRisk(settings.risk)]),
    ].sort((a, b) => a - b),
  };
}

/**
 * The bins up to the decision. The collector writes the bin that has just ended a moment after its end, so the read
 * waits for it within bounds where the bin before it was there.
 */
async function readRecent(
  deps: Pick<PredictDependencies, 'demand' | 'now'>,
  settings: CategorySettings,
  clock: BinClock,
  fromMs: number,
  originMs: number,
): Promise<DemandSeries> {
  const deadlineMs = binAwaitedUntilMs(settings, originMs);
  let recent = await deps.demand.series(settings.name, clock, fromMs, originMs);
  while (lastIsLate(recent) && deps.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, lastBinPollMs));
    recent = await deps.demand.series(settings.name, clock, fromMs, originMs);
  }
  return recent;
}

function lastIsLate({ counts }: DemandSeries): boolean {
  const last = counts.at(-1);
  const before = counts.at(-2);
  return last !== undefined && Number.isNaN(last) && before !== undefined && !Number.isNaN(before);
}

/** A forecast with the stage of learning that it comes from, and in words what made it. */
interface Made {
  readonly stage: LearningStage;
  readonly family: string;
  readonly modelId: string | null;
  readonly forecast: Forecast;
  readonly basis: string;
}

function ownForecast(
  incumbent: Incumbent,
  recent: DemandSeries,
  query: ForecastQuery,
  events: readonly DemandEvent[],
): Made {
  return {
    stage: 'own-model',
    family: incumbent.family,
    modelId: incumbent.id,
    forecast: forecastUpToDate(incumbent, recent, query, { events }),
    basis: `${incumbent.family} (trained on ${incumbent.trainedBins} bins)`,
  };
}

/** Whether the model has lately been worse than the last value, by the scores of what it has said. */
async function distrustOf(
  { accuracy }: PredictDependencies,
  { name, binMs }: CategorySettings,
  { id, family }: Incumbent,
  before: Distrust | null,
  originMs: number,
): Promise<Distrust | null> {
  if (family === anchorFamily) return null;
  const sums = await accuracy.ofModel(name, id, originMs - trustBins * binMs, originMs);
  const own = before?.modelId === id ? before : null;
  return trustOf(own, id, sums.find(({ horizonBins }) => horizonBins === 0) ?? null, originMs);
}

/** The last value while the model is not trusted; null where there is too little for even that. */
async function insteadOfModel(
  { reason, sinceMs }: Distrust,
  recent: DemandSeries,
  query: ForecastQuery,
  events: readonly DemandEvent[],
  settings: CategorySettings,
): Promise<Made | null> {
  const made = await anchorForecast(latestOf(recent), query, events, settings);
  return made === null
    ? null
    : {
        ...made,
        basis: `${anchorFamily}, since ${new Date(sinceMs).toISOString()} in the model's stead: ${reason}`,
      };
}

function latestOf(recent: DemandSeries): DemandSeries {
  const toMs = seriesEndMs(recent);
  return sliceSeries(recent, toMs - anchorBins * recent.clock.binMs, toMs);
}

/**
 * A model that was fitted for a shorter lead than is planned with knows too little of what may come after it, until it
 * has seen some hundred outcomes or is fitted anew: the higher of its quantiles and those of the last value count. Null
 * for a model that was fitted for this lead, or a longer one.
 */
async function besideModel(
  own: Made,
  fittedBins: number | null,
  recent: DemandSeries,
  query: ForecastQuery,
  events: readonly DemandEvent[],
  settings: CategorySettings,
): Promise<Made | null> {
  if (fittedBins === null || fittedBins >= query.leadBins || own.family === anchorFamily) return null;
  const anchor = await anchorForecast(latestOf(recent), query, events, settings);
  if (anchor === null) return null;
  const peak = own.forecast.peak.map((count, index) => Math.max(count, anchor.forecast.peak[index] ?? 0));
  return {
    ...own,
    family: `${own.family}+${anchorFamily}`,
    modelId: null,
    forecast: { ...own.forecast, peak },
    basis: `${own.basis}, fitted for a lead of ${fittedBins} bins while ${query.leadBins} are planned with: the higher of its peak and that of ${anchorFamily}`,
  };
}

/** Forecast by another category's model; null while none has shown to be better here than the last value. */
async function borrowedForecast(
  models: BorrowedModels,
  recent: DemandSeries,
  query: ForecastQuery,
  events: readonly DemandEvent[],
  settings: CategorySettings,
): Promise<Made | null> {
  const found = await models.forecast(settings, recent, query, { events });
  if (found === null) return null;
  const { borrowed, forecast } = found;
  const { ratio, decisions } = borrowed.figures;
  return {
    stage: 'borrowed-model',
    family: borrowed.model.family,
    modelId: borrowed.model.id,
    forecast,
    basis: `${borrowed.model.family} of "${borrowed.lender}" (no model of its own yet; over ${decisions} decisions here that one had ${ratio.toFixed(2)} times the loss of the last value)`,
  };
}

/** Forecast without a trained model; null while there is too little history even for that. */
async function anchorForecast(
  recent: DemandSeries,
  query: ForecastQuery,
  events: readonly DemandEvent[],
  settings: CategorySettings,
): Promise<Made | null> {
  const family = familyNamed(anchorFamily);
  if (measuredBins(recent) < family.minimumBins(recent)) return null;
  const model = await family.fit(
    recent,
    { events },
    { leadBins: query.leadBins, horizonBins: query.horizonBins, seed: settings.seed },
  );
  return {
    stage: 'last-value',
    family: anchorFamily,
    modelId: null,
    forecast: model.forecast(recent, query, { events }),
    basis: `${anchorFamily} (no model of its own yet, none of another category is better here)`,
  };
}

function basisOf(made: string, recent: DemandSeries, events: readonly DemandEvent[]): string {
  const originMs = seriesEndMs(recent);
  const ahead = events.filter((event) => event.endMs > originMs).length;
  return `${made}, ${measuredBins(recent)} of ${recent.counts.length} recent bins measured, ${ahead} known events ahead`;
}
