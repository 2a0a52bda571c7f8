/** Scored forecasts, what they say about each model, and the tests for drift that run over them. */
import type { ForecastScore, ForecastTarget, ScoreSums } from '../../../core/evaluation/accuracy/accuracy';
import type { Json } from '../../../core/forecasting/model';

/** Sums over a model's scores of one horizon in some span of time. */
export interface ModelScoreSums extends ScoreSums {
  readonly modelId: string | null;
  readonly family: string;
  /** 0 = the peak over the lead window. */
  readonly horizonBins: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A change that a test has found. */
export interface DriftRecord {
  readonly category: string;
  /** `error`, `calibration` or `level`. */
  readonly kind: string;
  readonly modelId: string | null;
  /** When the change is thought to have begun, and when it was found, ms. */
  readonly sinceMs: number;
  readonly detectedMs: number;
  /** In a sentence. */
  readonly what: string;
}

/** Ends of windows, [fromMs, toMs], of targets that reach at most `longestBins` ahead. */
export interface DueSpan {
  readonly binMs: number;
  readonly longestBins: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface AccuracyStore {
  /** Targets whose window ended in the span and that have no score yet, oldest first, some hundred at most. */
  due(category: string, span: DueSpan): Promise<ForecastTarget[]>;
  /**
   * Stores the scores that are new and lets the category's tests go on by just these, all or nothing: a score counts
   * once, however often it is handed in. `advance` gets the tests' state (null at first) and gives the next one with
   * what it found. Returns the state after.
   */
  record(
    category: string,
    scores: readonly ForecastScore[],
    advance: (state: Json, fresh: readonly ForecastScore[]) => { state: Json; found: readonly DriftRecord[] },
  ): Promise<Json>;
  /** The state of the category's tests; null before the first. */
  tests(category: string): Promise<Json>;
  /** Per model and horizon, by decision time in [fromMs, toMs). */
  sums(category: string, fromMs: number, toMs: number): Promise<ModelScoreSums[]>;
  /** Per horizon of one model, over all that is kept of it or by decision time in [fromMs, toMs). */
  ofModel(category: string, modelId: string, fromMs?: number, toMs?: number): Promise<ModelScoreSums[]>;
  /** By time of detection in [fromMs, toMs), oldest first. */
  drifts(category: string, fromMs: number, toMs: number): Promise<DriftRecord[]>;
}
