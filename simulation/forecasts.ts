/**
 * A trace → the forecast of every decision, from a model refitted daily on the past alone, as production does it. The
 * policies that differ only in risk share them.
 */
import { binsPerDay } from '../core/demand/clock';
import { type DemandSeries, measuredBins, seriesEndMs, sliceSeries } from '../core/demand/series';
import { PamError } from '../core/errors';
import { succeeding } from '../core/forecasting/calibration/successor';
import { familyNamed } from '../core/forecasting/families/families';
import type {
  FitOptions,
  FittedModel,
  Forecast,
  ForecastContext,
  ForecastQuery,
  ModelFamily,
} from '../core/forecasting/model';
import { anchorBins, fewestBinsToTrain, trainingDays } from '../core/forecasting/trainingWindow';
import type { DecisionView, JudgedTrace } from './replay';

export interface ForecastingOptions {
  /** Family that is fitted; before its first fit the anchor serves. */
  readonly family: string;
  readonly anchor: string;
  /** Ascending. */
  readonly probabilities: readonly number[];
  readonly seed: number;
  /** Finds a family by its name; those that fit without a library when absent. */
  readonly familyOf?: (name: string) => ModelFamily;
  /** Single bins ahead that are forecast beside the peak; the end of the lead window when absent. */
  readonly horizonBins?: readonly number[];
  /** Told of every fit. */
  fitted?(fit: { category: string; bin: number; failure: string | null }): void;
}

/** Quantiles of the lead window's peak, or null where the past can't carry even the anchor. */
export type Peak = readonly number[] | null;

export class ReplayedForecasts {
  private readonly known: (Forecast | null)[] = [];
  private readonly context: ForecastContext;
  private readonly query: ForecastQuery;
  private readonly fitOptions: FitOptions;
  private readonly dayBins: number;
  private model: FittedModel | null = null;
  private nextFitBin: number;
  private readonly familyOf: (name: string) => ModelFamily;

  constructor(
    private readonly trace: JudgedTrace,
    private readonly options: ForecastingOptions,
  ) {
    this.familyOf = options.familyOf ?? familyNamed;
    this.context = { events: trace.events };
    const horizonBins = options.horizonBins ?? [Math.max(1, trace.leadBins)];
    this.query = { horizonBins, leadBins: trace.leadBins, probabilities: options.probabilities };
    this.fitOptions = { leadBins: trace.leadBins, horizonBins, seed: options.seed };
    this.dayBins = binsPerDay(trace.series.clock);
    this.nextFitBin = trace.fromBin;
  }

  /** The forecast of a decision. Decisions come in order; one that was made before is answered from memory. */
  async at({ bin, past }: Pick<DecisionView, 'bin' | 'past'>): Promise<Peak> {
    const index = bin - this.trace.fromBin;
    const before = this.known[index];
    if (before !== undefined) return before?.peak ?? null;
    if (bin >= this.nextFitBin) await this.refit(bin, past);
    const made = this.model === null ? await this.anchorForecast(past) : this.forecastOf(this.model, past);
    this.known[index] = made;
    return made?.peak ?? null;
  }

  /** All that was forecast so far, one entry a judged bin. */
  get made(): readonly (Forecast | null)[] {
    return this.known;
  }

  private async refit(bin: number, past: DemandSeries): Promise<void> {
    const endMs = seriesEndMs(past);
    const history = sliceSeries(past, endMs - trainingDays * past.clock.dayMs, endMs);
    const family = this.familyOf(this.options.family);
    const missing = Math.max(family.minimumBins(history), fewestBinsToTrain) - measuredBins(history);
    if (missing > 0) {
      this.nextFitBin = bin + missing;
      return;
    }
    let failure: string | null = null;
    try {
      this.model = succeeding(await family.fit(history, this.context, this.fitOptions), this.model);
    } catch (error) {
      // As in production: a history that can't carry the family leaves the model that there was.
      if (!(error instanceof PamError) || error.code !== 'INVALID_DATA') throw error;
      failure = error.message;
    }
    this.nextFitBin = bin + this.dayBins;
    this.options.fitted?.({ category: this.trace.category, bin, failure });
  }

  private forecastOf(model: FittedModel, past: DemandSeries): Forecast {
    const endMs = seriesEndMs(past);
    const recent = sliceSeries(past, endMs - model.contextBins * past.clock.binMs, endMs);
    return model.forecast(recent, this.query, this.context);
  }

  private async anchorForecast(past: DemandSeries): Promise<Forecast | null> {
    const endMs = seriesEndMs(past);
    const recent = sliceSeries(past, endMs - anchorBins * past.clock.binMs, endMs);
    const family = this.familyOf(this.options.anchor);
    if (measuredBins(recent) < family.minimumBins(recent)) return null;
    return this.forecastOf(await family.fit(recent, this.context, this.fitOptions), past);
  }
}
