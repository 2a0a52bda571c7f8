/** What the activities that act on a decision take and give: scale, verify. */
import type { PoolHealth } from '../../core/capacity/nodeHealth';
import type { CategorySettings } from '../../core/category/settings';
import type { AccuracyFigures } from '../../core/evaluation/accuracy/accuracy';
import type { Drift } from '../../core/evaluation/drift/drift';
import type { LeadSummary, PredictSummary } from './deciding';

/** Input of `scale`. */
export interface ScaleInput {
  readonly settings: CategorySettings;
  readonly nodes: number;
  /** Ids of nodes that are given up since they are unhealthy for long. */
  readonly replace: readonly string[];
  /** The workflow and run that asked, for the nodes' `createdBy` tag. */
  readonly createdBy: string;
}

/** Result of `scale`. */
export interface ScaleSummary {
  readonly created: number;
  readonly removed: number;
  /** Ids of those that were given up since they were unhealthy. */
  readonly replaced: readonly string[];
  readonly provisioned: number;
  readonly stack: string;
  readonly tookMs: number;
}

/** Input of `verify`. */
export interface VerifyInput {
  readonly settings: CategorySettings;
  /** The decision whose outcome is recorded; null for a look between two ticks. */
  readonly decisionId: string | null;
  readonly planned: number;
  /** Requests per bin that one node serves, as the last decision had it; null before the first. */
  readonly requestsPerNodeBin: number | null;
  /** The latest prediction; null before the first. */
  readonly predicted: Pick<PredictSummary, 'modelId' | 'incumbent'> | null;
  /** When the last training ended, ms; null = none yet. */
  readonly trainedMs: number | null;
  /** When the nodes that this decision asked for were first asked for, ms; null for a look between two ticks. */
  readonly orderedMs: number | null;
  /** When nodes were first asked for that do not exist yet, ms; null when all do. */
  readonly unmetSinceMs: number | null;
  /** What the last look found of unhealthy nodes. */
  readonly health: PoolHealth | null;
  readonly paused: boolean;
}

/** How good the forecasts of the model in service were over the last day, and what has changed. */
export interface AccuracySummary {
  readonly modelId: string | null;
  /** Absolute error of the medians at all horizons ÷ that of the last value; null without scores. */
  readonly relativeError: number | null;
  /** Per horizon; `aheadMs` 0 = the peak over the lead window. */
  readonly targets: readonly ({ readonly aheadMs: number } & AccuracyFigures)[];
  /** What was found to have changed and no training has answered yet. */
  readonly drifts: readonly Drift[];
}

/** Why a model should be trained now. */
export interface TrainingDue {
  readonly reason: string;
  /** Something is wrong with the model that serves: the training does not wait for a back-off. */
  readonly urgent: boolean;
}

/** Result of `verify`. */
export interface VerifySummary {
  readonly provisioned: number;
  readonly routable: number;
  /** Requests per bin at the rate measured since the last bin; null without measurement. */
  readonly measuredDemand: number | null;
  readonly utilization: number | null;
  /** Share of late requests in the last measured bin; null without measurement. */
  readonly lateShare: number | null;
  /** Share of requests answered with an error (5xx) in the last measured bin. Absent or null: not measured. */
  readonly errorShare?: number | null;
  /** More nodes at once, because what is measured exceeds what was provisioned for; null when all is well. */
  readonly scaleUp: { readonly nodes: number; readonly reason: string } | null;
  /** Unhealthy nodes and what is done about them; null when there is nothing to tell. */
  readonly health: PoolHealth | null;
  /** In a sentence: what was found. */
  readonly finding: string;
  /** The next three are looked at once a tick and null in between. Also null where scoring failed. */
  readonly accuracy: AccuracySummary | null;
  readonly lead: LeadSummary | null;
  /** null also when there is no need. */
  readonly trainingDue: TrainingDue | null;
}
