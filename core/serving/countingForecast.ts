/**
 * The forecasts that a decision could rest on → the one that counts, with the stage of learning that it comes from and in
 * words what made it. This is the only place where it is chosen, in service and in simulations.
 */
import { measuredBins, seriesEndMs } from '../demand/series';
import type { Forecast } from '../forecasting/model';
import { baselineFamily } from './baseline';
import type { Distrust } from './distrust';
import type { Sources } from './sources';

/** How far a category has learned: nothing known; the last value with its errors; another's model; its own. */
export type LearningStage = 'default' | 'last-value' | 'borrowed-model' | 'own-model';

export interface ServedForecast {
  readonly stage: Exclude<LearningStage, 'default'>;
  readonly family: string;
  /** The model that made it alone; null for the baseline and what it had a part in. */
  readonly modelId: string | null;
  readonly forecast: Forecast;
  readonly basis: string;
}

export interface CountingForecast {
  /** null: nothing can be predicted yet, the default allocation counts. */
  readonly counts: ServedForecast | null;
  /** What the own model said while another forecast counts. It is stored and scored, so the model can regain trust. */
  readonly unused: ServedForecast | null;
}

/**
 * In this order: the own model, beside the baseline where it was fitted for a shorter lead; the baseline in its stead
 * while the model is distrusted; without an own model a borrowed one, the baseline, or nothing.
 */
export async function countingForecast(
  sources: Sources,
  distrust: Distrust | null,
): Promise<CountingForecast> {
  if (sources.incumbent === null)
    return { counts: (await borrowed(sources)) ?? (await baselineAlone(sources)), unused: null };
  const own = ownForecast(sources);
  const instead =
    distrust === null ? await besideBaseline(sources, own) : await baselineInstead(sources, distrust);
  return instead === null ? { counts: own, unused: null } : { counts: instead, unused: own };
}

function ownForecast({ incumbent, own }: Sources): ServedForecast {
  const { id, family, trainedBins } = incumbent!;
  return {
    stage: 'own-model',
    family,
    modelId: id,
    forecast: own(),
    basis: `${family} (trained on ${trainedBins} bins)`,
  };
}

/**
 * A model that was fitted for a shorter lead than is planned with knows too little of what may come after it, until it
 * has seen some hundred outcomes or is fitted anew: the higher of its quantiles and those of the baseline count. Null for
 * a model that was fitted for this lead, or a longer one.
 */
async function besideBaseline(
  { incumbent, query, baseline }: Sources,
  own: ServedForecast,
): Promise<ServedForecast | null> {
  const fittedBins = incumbent!.leadBins;
  if (fittedBins === null || fittedBins >= query.leadBins || own.family === baselineFamily) return null;
  const beside = await baseline();
  if (beside === null) return null;
  const peak = own.forecast.peak.map((count, index) => Math.max(count, beside.peak[index] ?? 0));
  return {
    ...own,
    family: `${own.family}+${baselineFamily}`,
    modelId: null,
    forecast: { ...own.forecast, peak },
    basis: `${own.basis}, fitted for a lead of ${fittedBins} bins while ${query.leadBins} are planned with: the higher of its peak and that of ${baselineFamily}`,
  };
}

/** Null where there is too little for even that. */
async function baselineInstead(
  sources: Sources,
  { sinceMs, reason }: Distrust,
): Promise<ServedForecast | null> {
  const made = await baselineAlone(sources);
  return made === null
    ? null
    : {
        ...made,
        basis: `${baselineFamily}, since ${new Date(sinceMs).toISOString()} in the model's stead: ${reason}`,
      };
}

/** Null while no other category's model has shown to be better here than the baseline. */
async function borrowed(sources: Sources): Promise<ServedForecast | null> {
  const found = await sources.borrowed();
  if (found === null) return null;
  const { lender, model, figures } = found.borrowed;
  return {
    stage: 'borrowed-model',
    family: model.family,
    modelId: model.id,
    forecast: found.forecast,
    basis: `${model.family} of "${lender}" (no model of its own yet; over ${figures.decisions} decisions here that one had ${figures.ratio.toFixed(2)} times the loss of the last value)`,
  };
}

async function baselineAlone({ baseline }: Sources): Promise<ServedForecast | null> {
  const forecast = await baseline();
  return forecast === null
    ? null
    : {
        stage: 'last-value',
        family: baselineFamily,
        modelId: null,
        forecast,
        basis: `${baselineFamily} (no model of its own yet, none of another category is better here)`,
      };
}

/** What made the forecast, and from how much. */
export function basisOf({ basis }: ServedForecast, { recent, events }: Sources): string {
  const originMs = seriesEndMs(recent);
  const ahead = events.filter((event) => event.endMs > originMs).length;
  return `${basis}, ${measuredBins(recent)} of ${recent.counts.length} recent bins measured, ${ahead} known events ahead`;
}
