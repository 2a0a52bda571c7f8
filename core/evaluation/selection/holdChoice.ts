/** A category's latest decisions and the demand that came → the scale-down hold that is worth most, with the figures. */

import { holdBinsOf, holdInWords, longestHoldBins, scaleDownHoldsMs } from '../../capacity/hold';
import { orderRisk } from '../../capacity/plan';
import { type BinClock, binsPerDay } from '../../demand/clock';
import { type PeakQuantiles, peakAtRisk } from '../../forecasting/peakQuantile';
import { type BlockCost, planCosts } from '../costs/planCost';
import { clearlyBetter, compare, lossOf, surelyWithinMargin, sweptRisks, withinMargin } from './selection';

export interface HoldInput {
  readonly clock: BinClock;
  /** Requests per bin, the latest last; NaN where missing. Those of `holdEvidenceBins` at most are looked at. */
  readonly counts: Float64Array;
  /** As long as `counts`: what the decision at the start of each bin rested on; null where there was none. */
  readonly forecasts: readonly (PeakQuantiles | null)[];
  readonly leadBins: number;
  /** The accepted one. */
  readonly risk: number;
  /** The hold in force, ms. */
  readonly beforeMs: number;
}

export interface HoldFigures {
  readonly holdMs: number;
  /** Expected cost above foresight ÷ foresight cost, see `lossOf`. */
  readonly waste: number;
  /** Changes of the plan a day, at the accepted risk. */
  readonly changesPerDay: number;
}

export interface HoldChoice {
  readonly holdMs: number;
  /** Decisions that it rests on. */
  readonly decisions: number;
  /** Of every hold that could be, ascending. */
  readonly figures: readonly HoldFigures[];
  /** Why, in words and numbers. */
  readonly reason: string;
}

const evidenceDays = 7;
/** A week of minutes: with shorter bins a replay of more would take long and tell little more. */
const mostEvidenceBins = 10_080;
/** Decisions that must be there among the bins looked at: three days of a week. */
const leastShare = 3 / 7;
/** Blocks that the whole evidence is cut into, whose differences tell how sure a comparison is. */
const mostBlocks = 28;

/** How many of the latest bins a choice rests on. */
export function holdEvidenceBins(clock: BinClock): number {
  return Math.min(mostEvidenceBins, evidenceDays * binsPerDay(clock));
}

/** Holds that differ with bins of this width, ms, ascending; one bin or less is 0. */
export function distinctHolds(binMs: number): number[] {
  const bins = scaleDownHoldsMs.map((holdMs) => holdBinsOf(holdMs, binMs));
  return [...new Set(bins)].filter((count) => count <= longestHoldBins).map((count) => msOf(count, binMs));
}

/**
 * Replays what was forecast with every hold, at the accepted risk and its multiples, and takes the loss of each as models
 * are compared by (`lossOf`). Changes of the plan have no price there beyond the lead that an ordered node is paid for
 * before it serves. That fewer of them are worth something is said by a share: the longest hold is taken that is less than 5 %
 * above the cheapest. The one in force stays unless another is clearly better (by 5 %, and beyond chance), and a longer
 * one only comes in when it surely is not: so the choice does not toggle. Null while there are too few decisions, and
 * where all holds are the same, since a bin is as long. Deterministic; see docs/forecasting.md.
 */
export function chooseHold(input: HoldInput): HoldChoice | null {
  const { clock, leadBins, risk, beforeMs } = input;
  const holds = distinctHolds(clock.binMs);
  const evidence = evidenceOf(input);
  if (holds.length < 2 || evidence.decisions < leastShare * holdEvidenceBins(clock)) return null;
  const risks = sweptRisks(risk);
  const at = (accepted: number) =>
    Float64Array.from(evidence.forecasts, (made) => peakAtRisk(made, accepted));
  const blocks = Math.max(3, Math.round((mostBlocks * evidence.counts.length) / holdEvidenceBins(clock)));
  const peaks = risks.map(at);
  const orderPeaks = risks.map((accepted) => at(orderRisk(accepted)));
  const costs = holds.map((holdMs) =>
    planCosts({
      ...{ counts: evidence.counts, peaks, orderPeaks, leadBins, blocks },
      holdBins: holdBinsOf(holdMs, clock.binMs),
    }),
  );
  const days = evidence.counts.length / binsPerDay(clock);
  const figures = holds.map((holdMs, index) => ({
    holdMs,
    waste: lossOf(costs[index]!, risks),
    changesPerDay: changesOf(costs[index]!) / days,
  }));
  const present = holds.indexOf(msOf(holdBinsOf(beforeMs, clock.binMs), clock.binMs));
  const cheapest = figures.reduce(
    (best, { waste }, index) => (waste < figures[best]!.waste ? index : best),
    0,
  );
  const chosen = chosenOf(costs, risks, cheapest, present);
  return {
    holdMs: holds[chosen]!,
    decisions: evidence.decisions,
    figures,
    reason: reasonOf(figures, evidence.decisions, chosen, present),
  };
}

/** Index of the hold to take; `present`: of the one in force, −1 where it can't be chosen. */
function chosenOf(
  costs: readonly BlockCost[][],
  risks: readonly number[],
  cheapest: number,
  present: number,
): number {
  const above = costs.map((blocks) => compare(blocks, costs[cheapest]!, risks));
  const affordable = above.findLastIndex(withinMargin);
  const inForce = costs[present];
  const stays = inForce !== undefined && !clearlyBetter(compare(costs[cheapest]!, inForce, risks));
  if (!stays) return affordable;
  const longer = above.findLastIndex(surelyWithinMargin);
  return Math.max(present, longer);
}

/** From the first decision with a forecast on. Where there is none later, the plan stood: that bin is not counted. */
function evidenceOf({ clock, counts, forecasts }: HoldInput) {
  const latest = -holdEvidenceBins(clock);
  const made = forecasts.slice(latest);
  const first = made.findIndex((forecast) => forecast !== null);
  const known = first < 0 ? [] : made.slice(first);
  const standing: PeakQuantiles[] = [];
  for (const forecast of known) standing.push(forecast ?? standing.at(-1)!);
  const measured = counts.slice(latest).slice(first < 0 ? counts.length : first);
  const counted = measured.map((count, index) => (known[index] === null ? Number.NaN : count));
  return {
    forecasts: standing,
    counts: counted,
    decisions: counted.reduce((sum, count) => sum + (Number.isNaN(count) ? 0 : 1), 0),
  };
}

/** At the accepted risk, the last of those that were replayed. */
function changesOf(blocks: readonly BlockCost[]): number {
  return blocks.reduce((sum, { at }) => sum + at.at(-1)!.changes, 0);
}

function reasonOf(
  figures: readonly HoldFigures[],
  decisions: number,
  chosen: number,
  present: number,
): string {
  const each = figures.map(
    ({ holdMs, waste, changesPerDay }) =>
      `${nameOf(holdMs)} ${(waste * 100).toPrecision(3)} % and ${changesPerDay.toFixed(0)}`,
  );
  const why =
    chosen === present
      ? 'kept, since nothing is clearly better and no longer one surely as good'
      : chosen > present
        ? 'the longest that wastes hardly more than the cheapest'
        : 'the longest that wastes less than 5 % more than the cheapest, which is clearly better than what was held before';
  return `over the latest ${decisions} decisions waste above foresight and changes a day would have been: ${each.join(', ')}; ${nameOf(figures[chosen]!.holdMs)} is ${why}`;
}

const nameOf = (holdMs: number): string => (holdMs === 0 ? 'no hold' : holdInWords(holdMs));
const msOf = (bins: number, binMs: number): number => (bins <= 1 ? 0 : bins * binMs);
