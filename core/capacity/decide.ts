/** Demand quantile, bounds, what people asked for and what came before → required and planned nodes, with the reason. */
import { percent, rounded } from '../text/figures';
import { holdInWords } from './hold';
import { orderRiskFactor, type Plan, type PlanInput, type PlanRule } from './plan';

/** A count of nodes that passes through the rules in order; each rule may replace it and says why. */
interface Draft {
  readonly nodes: number;
  readonly rule: PlanRule;
  readonly reason: string;
}

/**
 * Decides. `required` is what the arithmetic asks for; `planned` follows from it through the hold, an override and the
 * bounds. Deterministic, never throws; `planned` is always within `nodes.min` and `nodes.max`, except while paused,
 * when it is what exists.
 */
export function decide(input: PlanInput): Plan {
  if (input.paused)
    return {
      required: requiredNodes(input).nodes,
      planned: input.provisioned,
      rule: 'paused',
      reason: `paused: keeping the ${countOf(input.provisioned)} that exist; ${requiredNodes(input).reason}`,
    };
  const required = requiredNodes(input);
  const settled =
    input.override === null ? withHold(withOrderBand(required, input), input) : overridden(input.override);
  const planned = withBounds(settled, input);
  return { required: required.nodes, planned: planned.nodes, rule: planned.rule, reason: planned.reason };
}

/** What the arithmetic asks for, before hold, override and bounds. */
function requiredNodes(input: PlanInput): Draft {
  const asked = fromDemand(input);
  const { atLeast } = input;
  return atLeast != null && atLeast.nodes > asked.nodes
    ? { nodes: atLeast.nodes, rule: 'measured-above-planned', reason: atLeast.reason }
    : asked;
}

function fromDemand(input: PlanInput): Draft {
  const { peakDemand, lastDemand, requestsPerNodeBin, headroom, previousPlanned, nodes } = input;
  const extra = headroom > 0 ? ` with ${percent(headroom)} headroom` : '';
  if (peakDemand !== null) {
    const demand = Math.max(peakDemand, 0) * (1 + headroom);
    const count = nodesFor(demand, requestsPerNodeBin);
    return {
      nodes: count,
      rule: 'forecast',
      reason: `peak of ${rounded(peakDemand)} requests a bin over the lead window${extra} ÷ ${rounded(requestsPerNodeBin)} per node = ${countOf(count)}`,
    };
  }
  if (lastDemand !== null) {
    const measured = nodesFor(lastDemand * (1 + headroom), requestsPerNodeBin);
    const count = Math.max(nodes.initial, measured);
    return {
      nodes: count,
      rule: 'default-allocation',
      reason:
        measured > nodes.initial
          ? `no forecast yet: ${rounded(lastDemand)} requests in the last bin${extra} ÷ ${rounded(requestsPerNodeBin)} per node = ${countOf(measured)}`
          : `no forecast yet: default allocation of ${countOf(nodes.initial)}, the last bin (${rounded(lastDemand)} requests) needs ${measured}`,
    };
  }
  if (previousPlanned !== null)
    return {
      nodes: previousPlanned,
      rule: 'no-data',
      reason: `no data: neither a forecast nor a measured bin; keeping ${countOf(previousPlanned)}`,
    };
  return {
    nodes: nodes.initial,
    rule: 'default-allocation',
    reason: `no history: default allocation of ${countOf(nodes.initial)}`,
  };
}

/**
 * What exists is kept up to `required`; what does not exist yet is ordered only up to the lower order demand. Halves the
 * changes on noisy demand, since a node must be needed at two thresholds before it is ordered or given up.
 */
function withOrderBand(required: Draft, { orderDemand, peakDemand, ...input }: PlanInput): Draft {
  const { previousPlanned, requestsPerNodeBin, headroom, atLeast } = input;
  if (orderDemand == null || peakDemand === null || previousPlanned === null || required.rule !== 'forecast')
    return required;
  const worthOrdering = nodesFor(Math.max(orderDemand, 0) * (1 + headroom), requestsPerNodeBin);
  const nodes = Math.min(required.nodes, Math.max(worthOrdering, previousPlanned, atLeast?.nodes ?? 0));
  return nodes < required.nodes
    ? {
        nodes,
        rule: 'order-not-worth-it-yet',
        reason: `${required.reason}; planning ${nodes}: nodes that exist are kept for that peak, new ones are ordered only for ${rounded(orderDemand)} requests a bin, the peak at ${orderRiskFactor} times the accepted risk`,
      }
    : required;
}

/** Nodes are given up only when fewer were required in every decision of the hold. */
function withHold(required: Draft, { recentRequired, previousPlanned, holdMs }: PlanInput): Draft {
  const highest = Math.max(required.nodes, ...recentRequired);
  // A hold keeps what there is; it never asks for more than was planned before.
  const floor = previousPlanned === null ? required.nodes : Math.min(highest, previousPlanned);
  return floor > required.nodes
    ? {
        nodes: floor,
        rule: 'scale-down-hold',
        reason: `${required.reason}; holding ${floor}, since up to ${highest} were required within the scale-down hold${holdMs === undefined ? '' : ` of ${holdInWords(holdMs)}`}`,
      }
    : required;
}

function overridden({ nodes, reason }: { nodes: number; reason: string }): Draft {
  return { nodes, rule: 'override', reason: `override: ${countOf(nodes)}, ${reason}` };
}

function withBounds(draft: Draft, { nodes: { min, max } }: PlanInput): Draft {
  if (draft.nodes > max)
    return {
      nodes: max,
      rule: 'bounded-by-maximum',
      reason: `${draft.reason}; bounded by the maximum of ${max}`,
    };
  if (draft.nodes < min)
    return {
      nodes: min,
      rule: 'bounded-by-minimum',
      reason: `${draft.reason}; bounded by the minimum of ${min}`,
    };
  return draft;
}

export interface MeasuredInput {
  /** Requests per bin at the rate that is being measured; null without a measurement. */
  readonly measuredDemand: number | null;
  readonly requestsPerNodeBin: number;
  readonly provisioned: number;
  readonly planned: number;
  /** Provisioned nodes that can't be counted on. */
  readonly lacking: number;
  readonly max: number;
}

/** More nodes at once when what is measured exceeds what was provisioned for; null when all is well. */
export function measuredScaleUp(input: MeasuredInput): { nodes: number; reason: string } | null {
  const { measuredDemand, requestsPerNodeBin, provisioned, planned, lacking, max } = input;
  if (measuredDemand === null) return null;
  const there = Math.max(provisioned, planned);
  const needed = nodesFor(measuredDemand, requestsPerNodeBin);
  if (needed <= there - lacking || there >= max) return null;
  return {
    nodes: Math.min(needed + lacking, max),
    reason: `measured ${rounded(measuredDemand)} requests a bin ÷ ${rounded(requestsPerNodeBin)} per node = ${countOf(needed)}, ${there} provisioned for${lacking === 0 ? '' : `, ${lacking} of them unhealthy`}`,
  };
}

/** Whole nodes for a demand; a rounding error does not cost a node. */
export function nodesFor(demand: number, requestsPerNodeBin: number): number {
  return Math.max(0, Math.ceil(demand / requestsPerNodeBin - 1e-9));
}

function countOf(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}
