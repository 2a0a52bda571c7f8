/** What was forecast and decided, kept for scoring, explanation and audit. */
import type { Plan } from '../../../core/capacity/plan';
import type { Forecast } from '../../../core/forecasting/model';
import type { PeakQuantiles } from '../../../core/forecasting/peakQuantile';

export interface ForecastRecord {
  readonly id: string;
  readonly category: string;
  readonly madeMs: number;
  readonly modelId: string | null;
  readonly family: string;
  readonly horizonBins: readonly number[];
  readonly leadBins: number;
  readonly probabilities: readonly number[];
  readonly forecast: Forecast;
}

/** What a decision rested on. */
export interface PeakRecord extends PeakQuantiles {
  /** Start of the first bin of the window, ms. */
  readonly originMs: number;
  readonly leadBins: number;
}

/** Ends the id of a forecast that is only stored to be scored: another one was decided on. */
export const notUsed = '/not-used';

export interface DecisionRecord {
  readonly id: string;
  readonly category: string;
  readonly madeMs: number;
  readonly forecastId: string | null;
  readonly trigger: string;
  readonly demand: number | null;
  readonly peakDemand: number | null;
  readonly requestsPerNodeBin: number;
  readonly plan: Plan;
  readonly provisioned: number;
  readonly routable: number;
}

export interface DecisionStore {
  /** Both idempotent by id. */
  putForecast(record: ForecastRecord): Promise<void>;
  putDecision(record: DecisionRecord): Promise<void>;
  /** Counts as they were after acting on a decision. */
  settle(decisionId: string, counts: { provisioned: number; routable: number }): Promise<void>;
  decisions(category: string, fromMs: number, toMs: number): Promise<DecisionRecord[]>;
  forecast(id: string): Promise<ForecastRecord | null>;
  forecastsBetween(category: string, fromMs: number, toMs: number): Promise<ForecastRecord[]>;
  /** The first forecast of each bin that starts in [fromMs, toMs) of those that were decided on, by bin. */
  peaksBetween(category: string, fromMs: number, toMs: number): Promise<PeakRecord[]>;
}
