/** Fits models away from the event loop. */
import type { DemandSeries } from '../core/demand/series';
import type { DemandEvent } from '../core/events/event';
import type { FitOptions, Json } from '../core/forecasting/model';

export interface FitJob {
  readonly family: string;
  readonly history: DemandSeries;
  readonly events: readonly DemandEvent[];
  readonly options: FitOptions;
  /** The last bins of `history` that are held out for judging; 0 = none. */
  readonly holdoutBins: number;
  readonly risk: number;
}

/** Figures over the held-out bins; see docs/forecasting.md. */
export interface FitFigures {
  /** Pinball loss of the lead-window peak at 1 − risk ÷ that of the last value with its best constant factor. */
  readonly peakLossRatio: number;
  /** Share of decisions whose peak was above the quantile at 1 − risk. */
  readonly realizedRisk: number;
  readonly decisions: number;
  readonly fitMs: number;
}

export interface FitOutcome {
  /** Serialized model, fitted on everything including the held-out part. */
  readonly state: Json;
  readonly figures: FitFigures | null;
}

export interface Trainer {
  /** Throws PamError INVALID_DATA where the series can't carry the family. */
  fit(job: FitJob, signal?: AbortSignal): Promise<FitOutcome>;
  close(): Promise<void>;
}
