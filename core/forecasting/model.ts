/**
 * What every model family offers. Fitting returns a different type, the fitted model, so an unfitted one cannot
 * predict (as in grafana/augurs). A fitted model is plain data plus arithmetic: it can be stored, loaded by another
 * process and brought up to date with the latest bins on every tick.
 */
import type { DemandSeries } from '../demand/series';
import type { DemandEvent } from '../events/event';

/** Probabilities that every forecast is given at. */
export const standardProbabilities = [0.5, 0.9, 0.95, 0.99] as const;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Known occasions at decision time; the only look ahead that a model is given. */
export interface ForecastContext {
  readonly events: readonly DemandEvent[];
}

export interface ForecastQuery {
  /** Horizons, in bins: 5 = the count in the fifth bin from now (the bin that starts now is 1). */
  readonly horizonBins: readonly number[];
  /** Length of the lead window, in bins: the peak is over the bin that starts now and the `leadBins` after it. */
  readonly leadBins: number;
  /** Ascending, each in (0, 1). */
  readonly probabilities: readonly number[];
}

/** Requests per bin at each of the query's probabilities, non-decreasing, finite and ≥ 0. */
export type Quantiles = readonly number[];

export interface Forecast {
  /** Start of the first bin that is not known yet, ms. */
  readonly originMs: number;
  /** One row a horizon, in the order asked for. */
  readonly horizons: readonly Quantiles[];
  /** Quantiles of the highest count in the lead window. */
  readonly peak: Quantiles;
}

/** A model with its parameters learned. Deterministic: the same state and bins give the same forecast. */
export interface FittedModel {
  readonly family: string;
  /**
   * Forecasts from the end of `recent`, which ends at the decision and holds at least `contextBins` bins where
   * history reaches that far. Before it answers, the model recalibrates itself with those of its own past forecasts that
   * `recent` has decided since the last call. Well under a millisecond a new bin.
   */
  forecast(recent: DemandSeries, query: ForecastQuery, context: ForecastContext): Forecast;
  /** How many of the latest bins `forecast` wants to see. */
  readonly contextBins: number;
  /**
   * Takes over what `previous`, a model of the same configuration that served until now, has learned of its own errors:
   * they are those of forecasts made in service, over weeks. Absent where a family keeps no such thing.
   */
  keepCalibrationOf?(previous: FittedModel): void;
  /** Plain data from which `ModelFamily.load` makes an equal model, calibration state included. */
  serialize(): Json;
}

export interface FitOptions {
  readonly leadBins: number;
  readonly horizonBins: readonly number[];
  readonly seed: number;
  /** The family's own, where they are not its defaults; a family ignores names that it does not know. */
  readonly parameters?: Readonly<Record<string, number>>;
}

/** One way of modelling demand; one file a family. */
export interface ModelFamily {
  readonly name: string;
  /**
   * When a training tries it, since a fit may take tens of seconds of a core. Absent: always, a fit takes a few seconds.
   * `costly`: in a wide search. `on request`: if it is named, and in a wide search while it serves.
   */
  readonly expense?: 'costly' | 'on request';
  /** Fewest measured bins that `fit` accepts for this clock. */
  minimumBins(series: DemandSeries): number;
  /** Learns from the past. Throws PamError INVALID_DATA with a reason where the series can't carry this family. */
  fit(history: DemandSeries, context: ForecastContext, options: FitOptions): Promise<FittedModel>;
  /** The inverse of `serialize`; throws PamError INVALID_DATA on a state of another version. */
  load(state: Json): FittedModel;
}
