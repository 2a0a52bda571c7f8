/** A category's demand and stored forecasts of the latest days → the scale-down hold from now on, stored with the reason. */
import { holdMsInUse } from '../../core/capacity/hold';
import type { CategorySettings } from '../../core/category/settings';
import { type DemandSeries, seriesEndMs, sliceSeries } from '../../core/demand/series';
import { chooseHold, holdEvidenceBins } from '../../core/evaluation/selection/holdChoice';
import type { DecisionStore } from '../../ports/stores/forecasts/decisionStore';
import type { HoldStore } from '../../ports/stores/nodes/holdStore';

export interface HoldReviewDependencies {
  readonly decisions: Pick<DecisionStore, 'peaksBetween'>;
  readonly holds: HoldStore;
}

/**
 * `history`: the demand up to now, as a training has read it. Nothing is done where its owner has pinned the hold, or there is too little to choose from. What was forecast for
 * another lead than the one in use is left out. Takes some hundred milliseconds of a core for a week of minutes, so it
 * belongs to a training, not to a tick.
 */
export async function reviewHold(
  { decisions, holds }: HoldReviewDependencies,
  settings: CategorySettings,
  history: DemandSeries,
  leadBins: number,
  nowMs: number,
): Promise<void> {
  if (settings.scaleDownHoldMs !== 'auto') return;
  const { name, risk } = settings;
  const { clock } = history;
  const { binMs } = clock;
  const toMs = seriesEndMs(history);
  const { counts, startMs: fromMs } = sliceSeries(history, toMs - holdEvidenceBins(clock) * binMs, toMs);
  const [peaks, before] = await Promise.all([
    decisions.peaksBetween(name, fromMs, toMs),
    holds.at(name, nowMs),
  ]);
  const byBin = new Map(
    peaks
      .filter((made) => made.leadBins === leadBins)
      .map((made) => [Math.round((made.originMs - fromMs) / binMs), made]),
  );
  const choice = chooseHold({
    clock,
    counts,
    forecasts: Array.from(counts, (_, bin) => byBin.get(bin) ?? null),
    leadBins,
    risk,
    beforeMs: holdMsInUse(settings, before),
  });
  if (choice === null) return;
  const { holdMs, decisions: counted, reason } = choice;
  await holds.put({ category: name, reviewedMs: nowMs, holdMs, binMs, decisions: counted, reason });
}
