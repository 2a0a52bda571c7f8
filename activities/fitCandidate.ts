/** One family fitted on a category's latest history, judged on its last day, saved as a candidate. */
import { binsIn, binsPerDay } from '../core/demand/clock';
import { seriesEndMs } from '../core/demand/series';
import { PamError } from '../core/errors';
import { type CandidateSummary, type FitCandidateInput, lostCandidate } from '../workflows/contracts';
import { withHeartbeat } from './coded';
import type { TrainingDependencies } from './dependencies';
import { trainingHistory } from './trainingHistory';

const heartbeatMs = 2_000;
/** The held-out part is one day, or this share of a shorter history. */
const largestHoldoutShare = 0.25;

/** A family that the history can't carry is a result with its reason, not a failure. */
export function fitCandidate(deps: TrainingDependencies) {
  return async ({ category, family, modelId }: FitCandidateInput): Promise<CandidateSummary> => {
    const { settings, history, events } = await trainingHistory(deps, category);
    const options = {
      leadBins: binsIn(history.clock, settings.lead),
      horizonBins: settings.horizons.map((horizon) => binsIn(history.clock, horizon)),
      seed: settings.seed,
    };
    const holdoutBins = Math.min(
      binsPerDay(history.clock),
      Math.floor(history.counts.length * largestHoldoutShare),
    );
    try {
      const { state, figures } = await withHeartbeat(heartbeatMs, ({ signal }) =>
        deps.trainer.fit({ family, history, events, options, holdoutBins, risk: settings.risk }, signal),
      );
      await deps.models.save({
        id: modelId,
        category,
        family,
        parameters: { ...options, horizonBins: [...options.horizonBins], holdoutBins },
        trainedFromMs: history.startMs,
        trainedToMs: seriesEndMs(history),
        figures: figures === null ? null : { ...figures },
        state,
      });
      return {
        family,
        modelId,
        peakLossRatio: figures?.peakLossRatio ?? null,
        realizedRisk: figures?.realizedRisk ?? null,
        decisions: figures?.decisions ?? null,
        fitMs: figures?.fitMs ?? null,
        failure: null,
      };
    } catch (error) {
      if (!(error instanceof PamError) || error.code !== 'INVALID_DATA') throw error;
      return lostCandidate(family, error.message);
    }
  };
}
