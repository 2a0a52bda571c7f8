/**
 * A category → the best model that its latest history gives, as the new incumbent. Every candidate is an activity;
 * the result, with its reasons, is the workflow's result.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  uuid4,
} from '@temporalio/workflow';
import { z } from 'zod';
import type { TrainingActivities } from '../activities/createActivities';
import { categoryName, describeIssues } from '../core/demand/category';
import { nonRetryableCodes } from '../core/errors';
import { type CandidateSummary, lostCandidate, type RetrainInput, type RetrainResult } from './contracts';

const input = z.strictObject({
  category: categoryName,
  reason: z.string().max(500).default('asked for'),
  families: z.array(z.string().min(1)).min(1).optional(),
});

const retry = {
  initialInterval: '500ms',
  maximumInterval: '10s',
  maximumAttempts: 5,
  nonRetryableErrorTypes: nonRetryableCodes,
} as const;

const { planTraining, promoteModel } = proxyActivities<TrainingActivities>({
  startToCloseTimeout: '30s',
  retry,
});
const { fitCandidate } = proxyActivities<TrainingActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '20s',
  retry: { ...retry, maximumAttempts: 2 },
});

/** Never two at a time for a category: the workflow id `retrain:<category>` sees to it. */
export async function retrainCategory(message: RetrainInput): Promise<RetrainResult> {
  const parsed = input.safeParse(message);
  if (!parsed.success) throw ApplicationFailure.nonRetryable(describeIssues(parsed.error), 'INVALID_INPUT');
  const { category, reason, families } = parsed.data;

  const plan = await planTraining.executeWithOptions(
    { summary: `which families ${category} can carry: ${reason}` },
    [{ category, ...(families === undefined ? {} : { families }) }],
  );
  const candidates: CandidateSummary[] = plan.leftOut.map(({ family, reason: failure }) =>
    lostCandidate(family, failure),
  );
  for (const family of plan.families) candidates.push(await fitOne(category, family));

  const best = bestOf(candidates);
  if (best === null) {
    return {
      category,
      promoted: null,
      family: null,
      reason: `${reason}; no family could be fitted`,
      candidates,
    };
  }
  await promoteModel.executeWithOptions({ summary: `${best.family} becomes the model of ${category}` }, [
    {
      category,
      modelId: best.modelId,
      rejected: candidates.flatMap(({ modelId }) =>
        modelId === null || modelId === best.modelId ? [] : [modelId],
      ),
    },
  ]);
  return {
    category,
    promoted: best.modelId,
    family: best.family,
    reason: `${reason}; ${best.why}`,
    candidates,
  };
}

/** A candidate that fails is a result with its reason: the others go on. */
async function fitOne(category: string, family: string): Promise<CandidateSummary> {
  try {
    return await fitCandidate.executeWithOptions({ summary: `${family} on the history of ${category}` }, [
      { category, family, modelId: `${category}-${family}-${uuid4().slice(0, 8)}` },
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return lostCandidate(family, error.cause?.message ?? error.message);
  }
}

/** Lowest loss of the lead-window peak on the held-out part; a candidate that could not be judged loses to one that could. */
function bestOf(
  candidates: readonly CandidateSummary[],
): { modelId: string; family: string; why: string } | null {
  const loss = (candidate: CandidateSummary) => candidate.peakLossRatio ?? Number.POSITIVE_INFINITY;
  const ranked = candidates
    .flatMap((candidate) =>
      candidate.modelId === null ? [] : [{ ...candidate, modelId: candidate.modelId }],
    )
    .sort((a, b) => loss(a) - loss(b));
  const best = ranked[0];
  if (best === undefined) return null;
  const figures = ranked
    .map(({ family, peakLossRatio }) => `${family} ${peakLossRatio?.toFixed(3) ?? 'not judged'}`)
    .join(', ');
  return {
    modelId: best.modelId,
    family: best.family,
    why: `${best.family} has the lowest peak loss relative to the last value (${figures})`,
  };
}
