/** Fits and judges models away from the event loop. */
import type { DemandSeries } from '../core/demand/series';
import type { BlockCost } from '../core/evaluation/costs/planCost';
import type { Judging } from '../core/evaluation/selection/judge';
import type { Configuration } from '../core/evaluation/selection/selection';
import type { DemandEvent } from '../core/events/event';
import type { FitOptions, Json } from '../core/forecasting/model';

interface ModelJob {
  readonly configuration: Configuration;
  readonly history: DemandSeries;
  readonly events: readonly DemandEvent[];
  readonly options: FitOptions;
}

/** A model that serves: as it was stored, and the end of what it was fitted on, ms. */
export interface ServingModel {
  readonly state: Json;
  readonly trainedToMs: number;
}

export interface FitJob extends ModelJob {
  /** One of the same configuration that the fitted model is to follow, and whose calibration it goes on with. */
  readonly previous: ServingModel | null;
  /** Null: only fit. */
  readonly judging: Judging | null;
  /** Once the fits of the judging have taken this long, ms, later folds are decided by the last of them. */
  readonly refitWithinMs: number;
}

/** A model that serves, on the same folds as those that may replace it. */
export interface JudgeJob extends ModelJob {
  readonly judging: Judging;
  readonly refitWithinMs: number;
  readonly serving: ServingModel;
}

export interface FitOutcome {
  /** Serialized model, fitted on everything up to the end of the history. */
  readonly state: Json;
  /** What the configuration cost on the folds; null where it could not be judged. See docs/forecasting.md. */
  readonly blocks: readonly BlockCost[] | null;
  /** Of the last fit alone. */
  readonly fitMs: number;
}

export interface Trainer {
  /** Throws PamError INVALID_DATA where the series can't carry the family. */
  fit(job: FitJob, signal?: AbortSignal): Promise<FitOutcome>;
  /** Null where it could not be judged. */
  judge(job: JudgeJob, signal?: AbortSignal): Promise<readonly BlockCost[] | null>;
  close(): Promise<void>;
}
