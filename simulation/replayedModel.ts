/** A trace → the category's own model at every decision, fitted anew each day on the past alone, as production does it. */
import { binsPerDay } from '../core/demand/clock';
import { type DemandSeries, measuredBins, seriesEndMs, sliceSeries } from '../core/demand/series';
import { PamError } from '../core/errors';
import { succeeding } from '../core/forecasting/calibration/successor';
import { familyNamed } from '../core/forecasting/families/families';
import type { FitOptions, ForecastContext, Json, ModelFamily } from '../core/forecasting/model';
import { fewestBinsToTrain, trainingDays } from '../core/forecasting/trainingWindow';
import type { ModelInService } from '../core/serving/modelInService';
import type { DecisionView, EvaluatedTrace } from './replay';

export interface ModelOptions {
  /** Family that is fitted. */
  readonly family: string;
  readonly seed: number;
  /** Finds a family by its name; those that fit without a library when absent. */
  readonly familyOf?: (name: string) => ModelFamily;
  /** Single bins ahead that are forecast beside the peak; the end of the lead window when absent. */
  readonly horizonBins?: readonly number[];
  /** Called after every fit. */
  fitted?(fit: { category: string; bin: number; failure: string | null }): void;
}

/** A model as its training stored it: others may borrow it. */
export interface StoredFit extends Omit<ModelInService, 'model' | 'caughtUpToMs'> {
  readonly state: Json;
}

export class ReplayedModel {
  /** The latest fit as it was stored; null before the first, and where nothing is stored. */
  stored: StoredFit | null = null;
  readonly fitOptions: FitOptions;
  private inService: ModelInService | null = null;
  private nextFitBin: number;
  private fits = 0;
  private readonly family: ModelFamily;
  private readonly context: ForecastContext;
  private readonly dayBins: number;

  /** `stores`: whether each fit is kept as it was stored. */
  constructor(
    private readonly trace: EvaluatedTrace,
    private readonly options: ModelOptions,
    private readonly stores = false,
  ) {
    const { leadBins, series, events, fromBin } = trace;
    const horizonBins = options.horizonBins ?? [Math.max(1, leadBins)];
    this.fitOptions = { leadBins, horizonBins, seed: options.seed };
    this.context = { events };
    this.nextFitBin = fromBin;
    this.family = (options.familyOf ?? familyNamed)(options.family);
    this.dayBins = binsPerDay(series.clock);
  }

  /** The model that serves a decision; null before the first fit. Decisions come in order. */
  async at({ bin, past }: Pick<DecisionView, 'bin' | 'past'>): Promise<ModelInService | null> {
    if (bin >= this.nextFitBin) await this.refit(bin, past);
    return this.inService;
  }

  private async refit(bin: number, past: DemandSeries): Promise<void> {
    const endMs = seriesEndMs(past);
    const history = sliceSeries(past, endMs - trainingDays * past.clock.dayMs, endMs);
    const missing = Math.max(this.family.minimumBins(history), fewestBinsToTrain) - measuredBins(history);
    if (missing > 0) {
      this.nextFitBin = bin + missing;
      return;
    }
    let failure: string | null = null;
    try {
      const fitted = await this.family.fit(history, this.context, this.fitOptions);
      const model = succeeding(fitted, this.inService?.model ?? null);
      const facts = {
        id: `${this.trace.category}-fit-${++this.fits}`,
        family: model.family,
        trainedToMs: endMs,
        trainedBins: history.counts.length,
        leadBins: this.trace.leadBins,
      };
      this.inService = { ...facts, model, caughtUpToMs: endMs - past.clock.binMs };
      if (this.stores) this.stored = { ...facts, state: model.serialize() };
    } catch (error) {
      // As in production: a history that can't carry the family leaves the model that there was.
      if (!(error instanceof PamError) || error.code !== 'INVALID_DATA') throw error;
      failure = error.message;
    }
    this.nextFitBin = bin + this.dayBins;
    this.options.fitted?.({ category: this.trace.category, bin, failure });
  }
}
