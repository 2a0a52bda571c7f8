/** A trace → the scores that its forecasts would have had in service, bin by bin, refitted daily; with changes injected. */
import { binsPerDay } from '../../core/demand/clock';
import { type DemandSeries, sliceSeries } from '../../core/demand/series';
import {
  type ForecastScore,
  type ForecastTarget,
  rivalBins,
  scoreTarget,
} from '../../core/evaluation/accuracy/accuracy';
import { advanceDrift, type DriftState } from '../../core/evaluation/drift/drift';
import type { DemandEvent } from '../../core/events/event';
import { succeeding } from '../../core/forecasting/calibration/successor';
import { familyNamed } from '../../core/forecasting/families/families';
import { type FittedModel, type ForecastQuery, standardProbabilities } from '../../core/forecasting/model';

const trainingDays = 28;
export const risk = 0.01;

export interface InService {
  readonly model: FittedModel;
  readonly modelId: string;
  /** Targets whose outcome is still to come. */
  readonly waiting: readonly ForecastTarget[];
}

export function queryFor(
  series: DemandSeries,
  probabilities: readonly number[] = standardProbabilities,
): ForecastQuery {
  const bins = (minutes: number) => Math.max(1, Math.ceil((minutes * 60_000) / series.clock.binMs));
  return {
    leadBins: bins(5),
    horizonBins: [...new Set([bins(5), bins(15)])],
    probabilities: [...probabilities],
  };
}

/** Scores that come to be when bin `index − 1` has ended, after the forecast of a decision at bin `index` was made. */
export async function stepInService(
  at: InService,
  series: DemandSeries,
  index: number,
  events: readonly DemandEvent[],
  probabilities?: readonly number[],
): Promise<{ at: InService; scores: ForecastScore[] }> {
  const { binMs } = series.clock;
  const originMs = series.startMs + index * binMs;
  const query = queryFor(series, probabilities);
  const known = sliceSeries(series, originMs - (rivalBins + 40) * binMs, originMs);
  const scores: ForecastScore[] = [];
  const waiting: ForecastTarget[] = [];
  for (const target of at.waiting) {
    const reach = target.horizonBins === 0 ? target.leadBins + 1 : target.horizonBins;
    if (target.originMs + reach * binMs > originMs) {
      waiting.push(target);
      continue;
    }
    const score = await scoreTarget(target, known, risk);
    if (score !== null) scores.push(score);
  }
  const { model, modelId } = at;
  const recent = sliceSeries(series, originMs - model.contextBins * binMs, originMs);
  const forecast = model.forecast(recent, query, { events });
  const common = {
    forecastId: `@${index}`,
    modelId,
    family: model.family,
    originMs,
    leadBins: query.leadBins,
    probabilities: query.probabilities,
  };
  waiting.push({ ...common, horizonBins: 0, quantiles: forecast.peak });
  query.horizonBins.forEach((horizonBins, place) => {
    waiting.push({ ...common, horizonBins, quantiles: forecast.horizons[place]! });
  });
  return { at: { model, modelId, waiting }, scores };
}

/** A model fitted at bin `index`; `previous` is the one that it follows in service, null for the first. */
export async function fitAt(
  series: DemandSeries,
  index: number,
  previous: FittedModel | null,
): Promise<FittedModel> {
  const { clock, startMs } = series;
  const originMs = startMs + index * clock.binMs;
  const history = sliceSeries(series, originMs - trainingDays * clock.dayMs, originMs);
  const { leadBins, horizonBins } = queryFor(series);
  const options = { leadBins, horizonBins, seed: 1 };
  const own = { ...history, counts: history.counts.slice() };
  return succeeding(await familyNamed('boosted').fit(own, { events: [] }, options), previous);
}

export type Injection = 'doubled level' | 'lost season' | 'shifted phase';
export const injections: readonly Injection[] = ['doubled level', 'lost season', 'shifted phase'];
/** How far the day is shifted, as a share of it. */
const phaseShift = 0.25;

/**
 * The series with a change from bin `from` on. The season that is lost or shifted is the mean of the same minutes, over
 * half an hour, of the seven days before; what the demand has beside it stays.
 */
export function injected(series: DemandSeries, from: number, what: Injection, bins: number): DemandSeries {
  const counts = series.counts.slice(0, from + bins);
  const day = binsPerDay(series.clock);
  const half = Math.round(day / 96);
  const season = (index: number): number => {
    let sum = 0;
    let measured = 0;
    for (let back = 1; back <= 7; back++)
      for (let bin = index - back * day - half; bin <= index - back * day + half; bin++) {
        const count = series.counts[bin < from ? bin : bin - day] ?? Number.NaN;
        if (Number.isNaN(count)) continue;
        sum += count;
        measured++;
      }
    return measured === 0 ? Number.NaN : Math.max(sum / measured, 1e-9);
  };
  let mean = 0;
  for (let bin = 0; bin < day; bin += half) mean += season(from + bin - day) / Math.ceil(day / half);
  for (let index = from; index < from + bins; index++) {
    const factor =
      what === 'doubled level'
        ? 2
        : what === 'lost season'
          ? mean / season(index)
          : season(index - Math.round(phaseShift * day)) / season(index);
    counts[index] = counts[index]! * factor;
  }
  return { ...series, counts };
}

/** |log| by which the first ten bins of a change from bin `from` on differ from what was, their mean. */
export function changeSize(changed: DemandSeries, series: DemandSeries, from: number): number {
  const bins = 10;
  let size = 0;
  for (let bin = from; bin < from + bins; bin++)
    size += Math.log((changed.counts[bin]! + 1) / (series.counts[bin]! + 1)) / bins;
  return Math.abs(size);
}

/** The tests for drift after bins [from, to) and the scores that came to be in them. */
export function advanceTests(
  tests: DriftState,
  series: DemandSeries,
  from: number,
  to: number,
  scores: readonly ForecastScore[],
  modelId: string | null,
): ReturnType<typeof advanceDrift> {
  const { clock, startMs } = series;
  const bins = { clock, startMs: startMs + from * clock.binMs, counts: series.counts.subarray(from, to) };
  return advanceDrift(tests, { series: bins, scores, modelId, trainedMs: null });
}

/** The same model in the same state, to go on with another future. */
export function branchOf(at: InService): InService {
  const state = JSON.parse(JSON.stringify(at.model.serialize()));
  return { ...at, model: familyNamed(at.model.family).load(state) };
}
