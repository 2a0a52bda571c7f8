/**
 * The models in use, one a category, kept loaded between ticks of this process. A worker that never saw a category
 * loads the stored model and lets it forecast the bins since its training, so that its calibration is as fresh as if
 * it had been there all the time.
 */

import type { DemandSeries } from '../../core/demand/series';
import { seriesEndMs, sliceSeries } from '../../core/demand/series';
import { leadThrough } from '../../core/forecasting/calibration/successor';
import { familyNamed } from '../../core/forecasting/families/families';
import type {
  FittedModel,
  Forecast,
  ForecastContext,
  ForecastQuery,
  Json,
} from '../../core/forecasting/model';
import type { ModelStore, StoredModel } from '../../ports/stores/modelStore';

export interface Incumbent {
  readonly id: string;
  readonly family: string;
  readonly trainedToMs: number;
  readonly trainedBins: number;
  /** The lead that it was fitted for; null where that was not kept. */
  readonly leadBins: number | null;
  readonly model: FittedModel;
  /** End of the bins that the model was last brought up to, ms. */
  caughtUpToMs: number;
}

export class Incumbents {
  private readonly loaded = new Map<string, Incumbent>();

  constructor(private readonly models: ModelStore) {}

  /** The category's incumbent; null when none was promoted yet. One cheap query when it is already loaded. */
  async of(category: string, binMs: number): Promise<Incumbent | null> {
    const id = await this.models.incumbentId(category);
    const known = this.loaded.get(category);
    if (id === null) {
      this.loaded.delete(category);
      return null;
    }
    if (known?.id === id) return known;
    const stored = await this.models.load(id);
    if (stored === null) return known ?? null;
    // The forecast from the end of its training is the first that it would have made in service.
    const incumbent = loadedModel(stored, binMs, stored.trainedToMs - binMs);
    this.loaded.set(category, incumbent);
    return incumbent;
  }

  forget(category: string): void {
    this.loaded.delete(category);
  }
}

/** A stored model, ready to forecast. @param caughtUpToMs end of the bins that it has been led through. */
export function loadedModel(stored: StoredModel, binMs: number, caughtUpToMs: number): Incumbent {
  const { id, family, parameters, state, trainedFromMs, trainedToMs } = stored;
  return {
    id,
    family,
    trainedToMs,
    trainedBins: Math.round((trainedToMs - trainedFromMs) / binMs),
    leadBins: fittedLeadBins(parameters),
    model: familyNamed(family).load(state),
    caughtUpToMs,
  };
}

/** The lead that a model with these stored parameters was fitted for; null where that was not kept. */
export function fittedLeadBins(parameters: Json): number | null {
  const kept = parameters !== null && typeof parameters === 'object' && !Array.isArray(parameters);
  return kept && typeof parameters.leadBins === 'number' ? parameters.leadBins : null;
}

/** How many bins at most a model is led through after it was loaded. */
export const catchUpBins = 1_440;

/** Bins before the decision that `forecastUpToDate` needs to see. */
export function binsToRead(incumbent: Incumbent, originMs: number, binMs: number): number {
  const missed = Math.max(0, Math.round((originMs - incumbent.caughtUpToMs) / binMs));
  return incumbent.model.contextBins + Math.min(missed, catchUpBins);
}

/** Forecasts from the end of `recent`, after the model has seen every bin it missed. */
export function forecastUpToDate(
  incumbent: Incumbent,
  recent: DemandSeries,
  query: ForecastQuery,
  context: ForecastContext,
): Forecast {
  const { binMs } = recent.clock;
  const endMs = seriesEndMs(recent);
  const firstMissedMs = Math.max(incumbent.caughtUpToMs + binMs, endMs - catchUpBins * binMs);
  leadThrough(incumbent.model, recent, context, query, { fromMs: firstMissedMs, toMs: endMs });
  incumbent.caughtUpToMs = endMs;
  return incumbent.model.forecast(
    sliceSeries(recent, endMs - incumbent.model.contextBins * binMs, endMs),
    query,
    context,
  );
}
