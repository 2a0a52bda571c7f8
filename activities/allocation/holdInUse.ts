/** The settings of a category and the latest review of its scale-down hold → the hold to plan with now, and why. */
import { countingReview, holdMsInUse } from '../../core/capacity/hold';
import type { CategorySettings } from '../../core/category/settings';
import { distinctHolds } from '../../core/evaluation/selection/holdChoice';
import { durationInWords } from '../../core/time/durationWords';
import type { HoldStore } from '../../ports/stores/nodes/holdStore';
import type { HoldSummary } from '../../workflows/contracts';

export async function holdInUse(
  { holds }: { readonly holds: Pick<HoldStore, 'at'> },
  settings: CategorySettings,
  atMs: number,
): Promise<HoldSummary> {
  const pinned = settings.scaleDownHoldMs !== 'auto';
  const review = pinned ? null : countingReview(settings, await holds.at(settings.name, atMs));
  const ms = holdMsInUse(settings, review);
  if (review !== null) return { ms, by: 'review', reviewedMs: review.reviewedMs, reason: review.reason };
  const nothingToChoose = distinctHolds(settings.binMs).length < 2;
  return {
    ms,
    by: pinned ? 'settings' : 'default',
    reviewedMs: null,
    reason: pinned
      ? 'pinned by its settings'
      : nothingToChoose
        ? `a bin of ${durationInWords(settings.binMs)} is as long as every hold that could be chosen`
        : 'the default, until a training finds some days of decisions to choose from',
  };
}
