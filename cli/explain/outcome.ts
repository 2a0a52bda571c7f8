/** What was measured over the lead window of a decision, and the nodes of that time → whether the decision was good. */

import type { BinTotals } from '../../ports/stores/demand/demandStore';
import type { SettledDecision } from '../../ports/stores/forecasts/decisionArchive';
import type { NodeLife } from '../../ports/stores/nodes/nodeStore';

export interface Outcome {
  /** Whether the window is over. */
  readonly complete: boolean;
  readonly bins: { readonly measured: number; readonly of: number };
  readonly requests: number;
  /** Highest count of a bin; null if nothing was measured. */
  readonly peak: number | null;
  /** Whether the peak was above the quantile that was decided on; null if either is unknown. */
  readonly aboveQuantile: boolean | null;
  /** Late share of the requests whose latency was measured; null without any. */
  readonly lateShare: number | null;
  /** Share of requests beyond what the planned nodes serve at their accepted utilization; null without requests. */
  readonly overflowPlanned: number | null;
  /** The same for the nodes that took traffic; null if the category had no nodes of its own. */
  readonly overflowRoutable: number | null;
}

export interface OutcomeInput {
  readonly totals: readonly BinTotals[];
  readonly nodes: readonly NodeLife[];
  readonly decision: SettledDecision;
  readonly originMs: number;
  readonly windowEndMs: number;
  readonly binMs: number;
  readonly nowMs: number;
}

export function outcomeOf(input: OutcomeInput): Outcome {
  const { totals, nodes, decision, originMs, windowEndMs, binMs, nowMs } = input;
  const { requestsPerNodeBin, plan, peakDemand } = decision;
  const requests = sum(totals.map((bin) => bin.requests));
  const timed = totals.filter(({ late }) => late !== null);
  const peak = totals.length === 0 ? null : Math.max(...totals.map((bin) => bin.requests));
  const overflow = (nodesAt: (bin: BinTotals) => number) =>
    requests === 0
      ? null
      : sum(totals.map((bin) => Math.max(0, bin.requests - nodesAt(bin) * requestsPerNodeBin))) / requests;
  return {
    complete: nowMs >= windowEndMs,
    bins: { measured: totals.length, of: Math.max(0, Math.round((windowEndMs - originMs) / binMs)) },
    requests,
    peak,
    aboveQuantile: peak === null || peakDemand === null ? null : peak > peakDemand,
    lateShare: shareOf(sum(timed.map(({ late }) => late ?? 0)), sum(timed.map((bin) => bin.requests))),
    overflowPlanned: overflow(() => plan.planned),
    overflowRoutable:
      nodes.length === 0 ? null : overflow(({ startMs }) => routableOver(nodes, startMs, startMs + binMs)),
  };
}

/** Nodes that took traffic, on average over the bin: a node that came halfway counts half. */
export function routableOver(nodes: readonly NodeLife[], fromMs: number, toMs: number): number {
  return (
    sum(
      nodes.map(({ routableMs, removedMs }) =>
        routableMs === null
          ? 0
          : Math.max(0, Math.min(toMs, removedMs ?? toMs) - Math.max(fromMs, routableMs)),
      ),
    ) /
    (toMs - fromMs)
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
