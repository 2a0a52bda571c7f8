/** A category's stored forecasts and demand of the latest days → the scale-down hold from now on, stored with the reason. */
import { holdMsInUse } from '../core/capacity/hold';
import { chooseHold, holdEvidenceBins } from '../core/capacity/holdChoice';
import type { CategorySettings } from '../core/demand/category';
import { type BinClock, binStart } from '../core/demand/clock';
import type { DecisionStore } from '../ports/decisionStore';
import type { DemandStore } from '../ports/demandStore';
import type { HoldStore } from '../ports/holdStore';

export interface HoldReviewDependencies {
  readonly decisions: Pick<DecisionStore, 'peaksBetween'>;
  readonly demand: Pick<DemandStore, 'series'>;
  readonly holds: HoldStore;
}

/**
 * Nothing is done where its owner has pinned the hold, or there is too little to choose from. What was forecast for
 * another lead than the one in use is left out. Takes some hundred milliseconds of a core for a week of minutes, so it
 * belongs to a training, not to a tick.
 */
export async function reviewHold(
  { decisions, demand, holds }: HoldReviewDependencies,
  settings: CategorySettings,
  leadBins: number,
  nowMs: number,
): Promise<void> {
  if (settings.scaleDownHold !== 'auto') return;
  const { name, bin: binMs, day: dayMs, risk } = settings;
  const clock: BinClock = { binMs, dayMs };
  const toMs = binStart(clock, nowMs);
  const bins = holdEvidenceBins(clock);
  const fromMs = toMs - bins * binMs;
  const [peaks, series, before] = await Promise.all([
    decisions.peaksBetween(name, fromMs, toMs),
    demand.series(name, clock, fromMs, toMs),
    holds.at(name, nowMs),
  ]);
  const byBin = new Map(
    peaks
      .filter((made) => made.leadBins === leadBins)
      .map((made) => [Math.round((made.originMs - fromMs) / binMs), made]),
  );
  const choice = chooseHold({
    clock,
    counts: series.counts,
    forecasts: Array.from(series.counts, (_, bin) => byBin.get(bin) ?? null),
    leadBins,
    risk,
    beforeMs: holdMsInUse(settings, before),
  });
  if (choice === null) return;
  const { holdMs, decisions: counted, reason } = choice;
  await holds.put({ category: name, reviewedMs: nowMs, holdMs, binMs, decisions: counted, reason });
}
