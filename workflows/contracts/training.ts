/** What `retrainCategory` and its activities take and give. */
import type { BlockCost } from '../../core/evaluation/costs/planCost';
import type { Choice, Configuration } from '../../core/evaluation/selection/selection';

/** Input of `retrainCategory`; a category's name is enough. */
export interface RetrainInput {
  readonly category: string;
  readonly reason?: string;
  /** Families to try; absent: all that the history can carry. */
  readonly families?: readonly string[];
  /** `wide` (default): when no family is clearly better, windows and parameters too; `families`: not. */
  readonly search?: 'families' | 'wide';
}

/** Result of `planTraining`: what a category's history can carry, and what serves now. */
export interface TrainingPlan {
  /** End of the history that every candidate is fitted and judged on, ms. */
  readonly toMs: number;
  readonly measuredBins: number;
  readonly configurations: readonly Configuration[];
  /** Families that were left out, with the reason. */
  readonly leftOut: readonly { readonly family: string; readonly reason: string }[];
  readonly incumbent: { readonly modelId: string; readonly family: string } | null;
  /** What was done first: a model that failed in service went back; null when all is well. */
  readonly rolledBack: string | null;
}

/** Input of `judgeIncumbent`; its result is the incumbent as a `CandidateSummary`. */
export interface JudgeIncumbentInput {
  readonly category: string;
  readonly modelId: string;
  readonly toMs: number;
}

/** Input of `fitCandidate`: one configuration, to be fitted and judged on the history up to `toMs`. */
export interface FitCandidateInput {
  readonly category: string;
  readonly configuration: Configuration;
  readonly modelId: string;
  readonly toMs: number;
}

/** A model on the latest days, beside the others; see docs/forecasting.md for the figures. */
export interface CandidateSummary {
  readonly family: string;
  readonly configuration: Configuration;
  readonly modelId: string | null;
  /** Expected cost above foresight ÷ foresight cost; null where it was not judged. */
  readonly waste: number | null;
  /** Share of the judged decisions whose peak was above the quantile at the accepted risk. */
  readonly realizedRisk: number | null;
  readonly decisions: number | null;
  readonly fitMs: number | null;
  /** Node-bins paid and missing, block by block: what the choice is made from. */
  readonly blocks: readonly BlockCost[] | null;
  /** Why there is no model; null when there is one. */
  readonly failure: string | null;
}

/** A candidate that never came to be, with the reason. */
export function lostCandidate(configuration: Configuration, failure: string): CandidateSummary {
  return {
    family: configuration.family,
    configuration,
    modelId: null,
    waste: null,
    realizedRisk: null,
    decisions: null,
    fitMs: null,
    blocks: null,
    failure,
  };
}

/** Input and result of `chooseModel`. */
export interface ChooseModelInput {
  readonly category: string;
  readonly toMs: number;
  readonly incumbent: CandidateSummary | null;
  readonly candidates: readonly CandidateSummary[];
}
export interface ModelChoice extends Choice {
  /** What a wider search would try next. */
  readonly wider: readonly Configuration[];
}

/** Input of `promoteModel`. */
export interface PromoteModelInput {
  readonly category: string;
  /** null: what serves is kept. */
  readonly modelId: string | null;
  /** Why, kept with the models. */
  readonly reason: string;
  readonly rejected: readonly string[];
}

/** Result of `retrainCategory`. */
export interface RetrainResult {
  readonly category: string;
  /** The new incumbent's id; null when what served was kept. */
  readonly promoted: string | null;
  readonly family: string | null;
  readonly outcome: Choice['outcome'] | 'nothing-fitted';
  readonly reason: string;
  readonly rolledBack: string | null;
  /** What served and every candidate, with their figures. */
  readonly incumbent: Omit<CandidateSummary, 'blocks'> | null;
  readonly candidates: readonly Omit<CandidateSummary, 'blocks'>[];
}
