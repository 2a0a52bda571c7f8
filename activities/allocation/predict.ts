/** Recent bins, known events and the models → quantiles of the demand ahead: stored whole, returned in brief. */
import { leadBinsInUse } from '../../core/capacity/leadTime';
import type { CategorySettings } from '../../core/category/settings';
import { binStart } from '../../core/demand/clock';
import { measuredBins } from '../../core/demand/series';
import { distrustAt } from '../../core/evaluation/accuracy/trust';
import type { ForecastQuery } from '../../core/forecasting/model';
import { basisOf, countingForecast, type ServedForecast } from '../../core/serving/countingForecast';
import { demandToPlanFor } from '../../core/serving/demandToPlanFor';
import type { Distrust } from '../../core/serving/distrust';
import type { ModelInService } from '../../core/serving/modelInService';
import { queryOf } from '../../core/serving/query';
import { binsFor, type Sources, sourcesOf } from '../../core/serving/sources';
import { notUsed } from '../../ports/stores/forecasts/decisionStore';
import type { PredictInput, PredictSummary } from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';
import { BorrowedModels } from '../models/borrowedModels';
import { Incumbents } from '../models/incumbents';
import { TickBins } from './tickBins';

type PredictDependencies = Pick<
  AllocationDependencies,
  'demand' | 'events' | 'models' | 'decisions' | 'categories' | 'accuracy' | 'leadTimes' | 'now'
>;

export function predict(deps: PredictDependencies, bins = new TickBins(deps.demand, deps.now)) {
  const incumbents = new Incumbents(deps.models);
  const borrowedModels = new BorrowedModels(deps);

  return async ({ forecastId, settings, atMs, distrust: before }: PredictInput): Promise<PredictSummary> => {
    const { name, binMs } = settings;
    const originMs = binStart(settings, atMs);
    const [lead, incumbent] = await Promise.all([deps.leadTimes.at(name, atMs), incumbents.of(name, binMs)]);
    const query = queryOf(settings, leadBinsInUse(settings, lead));
    const looksBack = binsFor(incumbent, originMs, binMs);
    const past = await bins.readBefore(settings, atMs, looksBack);
    const events = await deps.events.between(
      name,
      originMs - looksBack * binMs,
      originMs + Math.max(query.leadBins, ...query.horizonBins) * binMs + settings.dayMs,
    );
    if (incumbent !== null) borrowedModels.forget(name);
    const sources = sourcesOf({
      ...{ past, query, events, incumbent },
      borrow: (asked) => borrowedModels.for(settings, asked),
    });
    const distrust = await distrustNow(deps, settings, incumbent, before, originMs);
    const { counts, unused } = await countingForecast(sources, distrust);
    await keep(deps, settings, query, forecastId, counts);
    await keep(deps, settings, query, `${forecastId}${notUsed}`, unused);
    return summaryOf(forecastId, settings, sources, counts, unused === null ? null : distrust);
  };
}

/** Whether the model has lately been worse than the baseline, by the scores of what it has said. */
function distrustNow(
  { accuracy }: PredictDependencies,
  { name, binMs }: CategorySettings,
  incumbent: ModelInService | null,
  before: Distrust | null,
  originMs: number,
): Promise<Distrust | null> {
  return distrustAt(originMs, binMs, incumbent, before, async (modelId, fromMs, toMs) => {
    const sums = await accuracy.ofModel(name, modelId, fromMs, toMs);
    return sums.find(({ horizonBins }) => horizonBins === 0) ?? null;
  });
}

async function keep(
  { decisions, now }: PredictDependencies,
  { name: category }: CategorySettings,
  { horizonBins, leadBins, probabilities }: ForecastQuery,
  id: string,
  made: ServedForecast | null,
): Promise<void> {
  if (made === null) return;
  const { modelId, family, forecast } = made;
  await decisions.putForecast({
    ...{ id, category, madeMs: now(), modelId, family },
    ...{ horizonBins, leadBins, probabilities, forecast },
  });
}

function summaryOf(
  forecastId: string,
  { risk, binMs }: CategorySettings,
  sources: Sources,
  made: ServedForecast | null,
  distrust: Distrust | null,
): PredictSummary {
  const { recent, query, incumbent } = sources;
  const { leadBins, probabilities, horizonBins } = query;
  const last = recent.counts.at(-1) ?? Number.NaN;
  const forecast = made?.forecast ?? null;
  const peak = forecast === null ? null : { probabilities, peak: forecast.peak };
  const [median, upper] = [probabilities.indexOf(0.5), probabilities.indexOf(1 - risk)];
  return {
    forecastId,
    originMs: recent.startMs + recent.counts.length * binMs,
    stage: made?.stage ?? 'default',
    family: made?.family ?? 'default',
    modelId: made?.modelId ?? null,
    incumbent:
      incumbent === null
        ? null
        : { id: incumbent.id, trainedToMs: incumbent.trainedToMs, leadBins: incumbent.leadBins },
    leadBins,
    ...demandToPlanFor(peak, risk),
    peak: peak ?? { probabilities: [], peak: [] },
    lastDemand: Number.isNaN(last) ? null : last,
    horizons: (forecast?.horizons ?? []).map((quantiles, index) => ({
      aheadMs: horizonBins[index]! * binMs,
      p50: quantiles[median]!,
      upper: quantiles[upper]!,
    })),
    basis:
      made === null
        ? `no model and ${measuredBins(recent)} measured bins: default allocation`
        : basisOf(made, sources),
    distrust,
  };
}
