/** Forecast peaks and what demand came → node-bins paid and node-bins missing of the plans that follow from them. */

import { decide } from '../../capacity/decide';
import { actualOf, peakWindow } from '../../forecasting/target';
import { type RequiredAt, requiredWithin, withRequired } from '../../serving/requiredWindow';
import { quantileOf } from '../../statistics/orderStatistics';
import { account } from './account';
import { foresightPlan } from './foresight';
import type { RolledPeaks } from './rollingOrigin';

/** What one stretch of bins cost; node-bins. */
export interface BlockCost {
  /** Requests ÷ requests per node. */
  readonly demand: number;
  /** Of the plan that knows the future. */
  readonly foresight: number;
  /** Decisions whose lead-window peak is known. */
  readonly decisions: number;
  /**
   * One entry an accepted risk: paid for, missing (demand above routable capacity), decisions with a peak above the
   * forecast, and bins in which the plan became another.
   */
  readonly at: readonly {
    readonly paid: number;
    readonly missing: number;
    readonly exceeded: number;
    readonly changes: number;
  }[];
}

export interface PlanCostInput {
  /** Requests per bin of the folds; NaN where missing. */
  readonly counts: Float64Array;
  /** From `rollThroughFolds`, as long as `counts`. */
  readonly peaks: RolledPeaks;
  /** The same at the risk that new nodes are ordered at, see `orderRisk`; absent: `peaks`. */
  readonly orderPeaks?: RolledPeaks;
  readonly leadBins: number;
  /** Bins that fewer nodes must have been required for before nodes are given up. */
  readonly holdBins: number;
  /** Into how many equal blocks the bins are cut. */
  readonly blocks: number;
}

/** The 99.9th percentile of the judged counts needs this many nodes, as in the scorecard. */
const nodesAtUsualPeak = 40;
const unbounded = { min: 1, max: Number.MAX_SAFE_INTEGER, initial: 1 };

/**
 * Replays the plan of production (`decide`, lead, hold) at each risk. The node's size comes from the demand, not from
 * the settings: where two nodes carry everything, whole nodes would hide which forecast is better. Missing bins cost
 * nothing.
 */
export function planCosts(input: PlanCostInput): BlockCost[] {
  const { counts, leadBins, peaks, orderPeaks, blocks } = input;
  const requestsPerNodeBin = nodeSize(counts);
  const common = { counts, leadBins, requestsPerNodeBin };
  const foresight = account({ ...common, planned: foresightPlan(common) }).billed;
  const replayed = peaks.map((peak, which) => {
    const planned = plannedFor(peak, orderPeaks?.[which] ?? peak, requestsPerNodeBin, input.holdBins);
    return { ...account({ ...common, planned }), planned };
  });
  const actuals = Float64Array.from(counts, (_, bin) => actualOf(counts, bin, peakWindow(leadBins)));
  return Array.from({ length: blocks }, (_, block) => {
    const from = Math.floor((block * counts.length) / blocks);
    const to = Math.floor(((block + 1) * counts.length) / blocks);
    const sum = (part: (bin: number) => number) => {
      let total = 0;
      for (let bin = from; bin < to; bin++) if (!Number.isNaN(counts[bin]!)) total += part(bin);
      return total;
    };
    return {
      demand: rounded(sum((bin) => counts[bin]! / requestsPerNodeBin)),
      foresight: sum((bin) => foresight[bin]!),
      decisions: sum((bin) => (Number.isNaN(actuals[bin]!) ? 0 : 1)),
      at: replayed.map(({ billed, overflow, planned }, which) => ({
        paid: sum((bin) => billed[bin]!),
        missing: rounded(sum((bin) => overflow[bin]! / requestsPerNodeBin)),
        exceeded: sum((bin) => (actuals[bin]! > peaks[which]![bin]! ? 1 : 0)),
        changes: sum((bin) => (bin > 0 && planned[bin] !== planned[bin - 1] ? 1 : 0)),
      })),
    };
  });
}

function plannedFor(
  peak: Float64Array,
  order: Float64Array,
  requestsPerNodeBin: number,
  holdBins: number,
): Int32Array {
  const planned = new Int32Array(peak.length);
  // Time is counted in bins here.
  let required: RequiredAt[] = [];
  for (let bin = 0; bin < peak.length; bin++) {
    const previousPlanned = bin === 0 ? null : planned[bin - 1]!;
    const plan = decide({
      peakDemand: peak[bin]!,
      orderDemand: order[bin]!,
      lastDemand: null,
      requestsPerNodeBin,
      provisioned: previousPlanned ?? unbounded.initial,
      previousPlanned,
      recentRequired: requiredWithin(required, bin, holdBins),
      headroom: 0,
      nodes: unbounded,
      override: null,
      paused: false,
    });
    planned[bin] = plan.planned;
    required = withRequired(required, { atMs: bin, required: plan.required }, holdBins);
  }
  return planned;
}

/** Requests per node and bin; where the usual peak is zero the highest count takes its place. */
function nodeSize(counts: Float64Array): number {
  const measured = counts.filter((count) => !Number.isNaN(count));
  if (measured.length === 0) return 1;
  const usual = quantileOf(measured, 0.999);
  const highest = measured.reduce((most, count) => Math.max(most, count), 0);
  return (usual > 0 ? usual : highest > 0 ? highest : nodesAtUsualPeak) / nodesAtUsualPeak;
}

/** These figures travel through workflow histories: no more digits than they mean. */
const rounded = (value: number) => Math.round(value * 1_000) / 1_000;
