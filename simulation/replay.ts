/**
 * A trace and a policy → what was planned, routable and billed in every bin, under the rules of the scorecard. The
 * decision at the start of a bin is shown the bins before it and the known events, and nothing else.
 */

import type { DemandSeries } from '../core/demand/series';
import { account } from '../core/evaluation/costs/account';
import type { DemandEvent } from '../core/events/event';

/** One category's demand, as it is evaluated: bins [fromBin, toBin) of `series`; what is before is history. */
export interface EvaluatedTrace {
  readonly category: string;
  readonly series: DemandSeries;
  readonly events: readonly DemandEvent[];
  readonly fromBin: number;
  readonly toBin: number;
  /** Requests that one node serves in one bin. */
  readonly requestsPerNodeBin: number;
  /** Bins from ordering a node to it taking traffic. */
  readonly leadBins: number;
}

/** What a policy knows at a decision. */
export interface DecisionView {
  /** Index of the bin that starts now; the whole trace counts from 0. */
  readonly bin: number;
  /** Every bin that ended before now, from the start of the trace; a view that ends at `bin`. */
  readonly past: DemandSeries;
  /** Nodes planned by the last decision; null on the first. */
  readonly planned: number | null;
}

/** What a policy wants: nodes to have ordered, and the demand it prepared for where it forecasts. */
export interface Wish {
  readonly nodes: number;
  /** Quantiles of the peak over the lead window, requests per bin, at the policy's `probabilities`. */
  readonly peak?: readonly number[];
}

/** A policy at work on one category; called once a bin, in order. */
export interface Decider {
  decide(view: DecisionView): Wish | Promise<Wish>;
}

/** A rule with its knob turned to one value. `knob` is what the decision files are named by. */
export interface Policy {
  readonly name: string;
  readonly knob: string;
  /** Probabilities of the quantiles in `Wish.peak`. */
  readonly probabilities?: readonly number[];
  /** The accepted risk, for a policy that is given one. */
  readonly risk?: number;
  /**
   * Called once per category, before its first evaluated bin, with all categories that are replayed. A policy that sees the
   * future takes it from `trace`.
   */
  start(trace: EvaluatedTrace, fleet: readonly EvaluatedTrace[]): Decider | Promise<Decider>;
}

/** What came of a policy on one category; arrays have one entry an evaluated bin. */
export interface Replayed {
  readonly trace: EvaluatedTrace;
  readonly planned: Int32Array;
  readonly routable: Int32Array;
  /** Nodes paid for, from their order on. */
  readonly billed: Int32Array;
  /** Requests above the routable capacity; NaN in a missing bin. */
  readonly overflow: Float64Array;
  /** Quantiles of the peak per bin; null for a policy that doesn't forecast. */
  readonly peaks: readonly (readonly number[])[] | null;
}

export interface ReplayHooks {
  /** Called now and then with the share of the evaluated bins that is done. */
  progress?(share: number): void;
}

const binsBetweenReports = 256;

/** Replays `policy` through the evaluated bins of one category; `fleet`: all that are replayed, this one among them. */
export async function replay(
  trace: EvaluatedTrace,
  policy: Policy,
  hooks: ReplayHooks = {},
  fleet: readonly EvaluatedTrace[] = [trace],
): Promise<Replayed> {
  const { series, fromBin, toBin } = trace;
  const bins = toBin - fromBin;
  const planned = new Int32Array(bins);
  const peaks: (readonly number[])[] = [];
  const decider = await policy.start(trace, fleet);
  let before: number | null = null;
  for (let index = 0; index < bins; index++) {
    const bin = fromBin + index;
    const past = { ...series, counts: series.counts.subarray(0, bin) };
    const answer = decider.decide({ bin, past, planned: before });
    const wish = answer instanceof Promise ? await answer : answer;
    before = Math.max(1, Math.round(wish.nodes));
    planned[index] = before;
    if (policy.probabilities !== undefined) peaks.push(wish.peak ?? []);
    if (index % binsBetweenReports === 0) {
      hooks.progress?.(index / bins);
      // Lets signals, timers and the progress line through.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  hooks.progress?.(1);
  return {
    trace,
    planned,
    ...accountOf(trace, planned),
    peaks: policy.probabilities === undefined ? null : peaks,
  };
}

/** What a plan comes to; the nodes of its first decision are there already, for every policy alike. */
export function accountOf(
  { series, fromBin, toBin, leadBins, requestsPerNodeBin }: EvaluatedTrace,
  planned: ArrayLike<number>,
): Pick<Replayed, 'routable' | 'billed' | 'overflow'> {
  return account({
    counts: series.counts.subarray(fromBin, toBin),
    planned,
    leadBins,
    requestsPerNodeBin,
  });
}
