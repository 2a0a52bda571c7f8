/** How the candidates of one category are judged, and the figures that are kept of it. */
import { holdBinsOf } from '../../core/capacity/hold';
import type { CategorySettings } from '../../core/category/settings';
import type { DemandSeries } from '../../core/demand/series';
import { foldsOf } from '../../core/evaluation/costs/folds';
import type { BlockCost } from '../../core/evaluation/costs/planCost';
import type { Judging } from '../../core/evaluation/selection/judge';
import { lossOf, sweptRisks } from '../../core/evaluation/selection/selection';
import type { CandidateSummary } from '../../workflows/contracts';

/** Time budget of one candidate, all its fits together; a candidate that needs longer is given up with that reason. */
export const candidateBudgetMs = 240_000;
/** After this much of it later folds go on with the model of the fold before. */
export const refitShare = 0.4;

/** @param holdMs the scale-down hold in force. */
export function judgingOf(settings: CategorySettings, history: DemandSeries, holdMs: number): Judging {
  return {
    folds: foldsOf(history),
    risks: sweptRisks(settings.risk),
    holdBins: holdBinsOf(holdMs, history.clock.binMs),
  };
}

export type JudgedFigures = Pick<CandidateSummary, 'waste' | 'realizedRisk' | 'decisions' | 'blocks'>;

/** The accepted risk is the last of the swept ones. */
export function judgedFigures(blocks: readonly BlockCost[] | null, risk: number): JudgedFigures {
  if (blocks === null) return { waste: null, realizedRisk: null, decisions: null, blocks: null };
  const decisions = blocks.reduce((sum, block) => sum + block.decisions, 0);
  const exceeded = blocks.reduce((sum, block) => sum + block.at.at(-1)!.exceeded, 0);
  return {
    waste: lossOf(blocks, sweptRisks(risk)),
    realizedRisk: decisions === 0 ? null : exceeded / decisions,
    decisions,
    blocks,
  };
}
