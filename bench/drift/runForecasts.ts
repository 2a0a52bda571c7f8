/** A trace → the scores that its forecasts would have had in service, bin by bin, refitted daily; with changes injected. */
import { binsPerDay } from '../../core/demand/clock';
import { type DemandSeries, sliceSeries } from '../../core/demand/series';
import {
  type ForecastScore,
  type ForecastTarget,
  scoreTarget,
  sumsOf,
} from '../../core/evaluation/accuracy/accuracy';
import { distrustAt, trustBins } from '../../core/evaluation/accuracy/trust';
import { advanceDrift, type DriftState } from '../../core/evaluation/drift/drift';
import { succeeding } from '../../core/forecasting/calibration/successor';
import { familyNamed } from '../../core/forecasting/families/families';
import type { ForecastQuery, Quantiles } from '../../core/forecasting/model';
import { baselineBins, trainingDays } from '../../core/forecasting/trainingWindow';
import { countingForecast } from '../../core/serving/countingForecast';
import type { Distrust } from '../../core/serving/distrust';
import type { ModelInService } from '../../core/serving/modelInService';
import { fitOptionsOf, queryOf } from '../../core/serving/query';
import { sourcesOf } from '../../core/serving/sources';

export const risk = 0.01;
/** Bins before the oldest decision that can still become known. */
const reachBins = 40;

export interface InService {
  readonly incumbent: ModelInService;
  readonly distrust: Distrust | null;
  /** Targets whose outcome is still to come. */
  readonly waiting: readonly ForecastTarget[];
  /** Of the lead window's peak, those that trust looks at. */
  readonly peakScores: readonly ForecastScore[];
}

export function inServiceWith(incumbent: ModelInService): InService {
  return { incumbent, distrust: null, waiting: [], peakScores: [] };
}

const leadMs = 300_000;
const askedOf = ({ clock }: DemandSeries) => ({ ...clock, horizonsMs: [leadMs, 900_000], risk, seed: 1 });
const leadBinsOf = ({ clock }: DemandSeries) => Math.max(1, Math.ceil(leadMs / clock.binMs));

export const queryFor = (series: DemandSeries): ForecastQuery => queryOf(askedOf(series), leadBinsOf(series));

export interface Step {
  readonly at: InService;
  readonly scores: readonly ForecastScore[];
  /** Of the forecast that counts, at the probabilities of `queryFor`. */
  readonly peak: Quantiles;
}

/** Scores that come to be when bin `index − 1` has ended, and the forecast of a decision at bin `index`. */
export async function stepInService(at: InService, series: DemandSeries, index: number): Promise<Step> {
  const { binMs } = series.clock;
  const originMs = series.startMs + index * binMs;
  const query = queryFor(series);
  const known = sliceSeries(series, originMs - (baselineBins + reachBins) * binMs, originMs);
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
  const { incumbent } = at;
  // In service the scores of a tick come after its decision.
  const distrust = await distrustAt(originMs, binMs, incumbent, at.distrust, async (modelId, fromMs, toMs) =>
    sumsOf(
      at.peakScores.filter(
        (score) => score.modelId === modelId && score.originMs >= fromMs && score.originMs < toMs,
      ),
    ),
  );
  const past = sliceSeries(series, series.startMs, originMs);
  const sources = sourcesOf({ past, query, events: [], incumbent, borrow: async () => null });
  const { counts } = await countingForecast(sources, distrust);
  const own = sources.own();
  const common = {
    forecastId: `@${index}`,
    modelId: incumbent.id,
    family: incumbent.family,
    originMs,
    leadBins: query.leadBins,
    probabilities: query.probabilities,
  };
  waiting.push({ ...common, horizonBins: 0, quantiles: own.peak });
  query.horizonBins.forEach((horizonBins, place) => {
    waiting.push({ ...common, horizonBins, quantiles: own.horizons[place]! });
  });
  const peakScores = [...at.peakScores, ...scores.filter(({ horizonBins }) => horizonBins === 0)];
  return {
    at: { incumbent, distrust, waiting, peakScores: peakScores.slice(-trustBins) },
    scores,
    peak: (counts?.forecast ?? own).peak,
  };
}

/** A model fitted at bin `index`; `previous` is the one that it follows in service, null for the first. */
export async function fitAt(
  series: DemandSeries,
  index: number,
  previous: ModelInService | null,
  id: string,
  seed = 1,
): Promise<ModelInService> {
  const { clock, startMs } = series;
  const originMs = startMs + index * clock.binMs;
  const history = sliceSeries(series, originMs - trainingDays * clock.dayMs, originMs);
  const leadBins = leadBinsOf(series);
  const own = { ...history, counts: history.counts.slice() };
  const fitted = await familyNamed('boosted').fit(
    own,
    { events: [] },
    fitOptionsOf({ ...askedOf(series), seed }, leadBins),
  );
  return {
    id,
    family: fitted.family,
    trainedToMs: originMs,
    trainedBins: history.counts.length,
    leadBins,
    model: succeeding(fitted, previous?.model ?? null),
    caughtUpToMs: originMs - clock.binMs,
  };
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
  const { incumbent } = at;
  const state = JSON.parse(JSON.stringify(incumbent.model.serialize()));
  return { ...at, incumbent: { ...incumbent, model: familyNamed(incumbent.family).load(state) } };
}
