/** Replayed decisions → the figures of the scorecard; all of them follow from `planned` and the trace alone. */

import { binsPerDay } from '../core/demand/clock';
import { foresightPlan } from '../core/evaluation/costs/foresight';
import { actualOf, peakWindow } from '../core/forecasting/target';
import { accountOf, type EvaluatedTrace, type Replayed } from './replay';

/** Sums over the measured bins of one category; capacity and demand in units of the category's own node. */
export interface CategoryFigures {
  readonly category: string;
  readonly requestsPerNodeBin: number;
  /** Measured bins, the only ones that count. */
  readonly bins: number;
  readonly missingBins: number;
  /** Σ count and Σ overflow, requests ÷ `requestsPerNodeBin`. */
  readonly demand: number;
  readonly overflow: number;
  readonly overflowBins: number;
  /** Node-bins, from the order on. */
  readonly cost: number;
  readonly foresightCost: number;
  /** Changes of the planned number over all bins. */
  readonly scaleActions: number;
  readonly days: number;
  /** Decisions whose lead-window peak was measured, and those of them whose planned capacity it exceeded. */
  readonly decisions: number;
  readonly exceeded: number;
  /** Those whose peak exceeded its forecast quantile, before nodes are rounded up; null without a forecast. */
  readonly quantileDecisions: number | null;
  readonly quantileExceeded: number | null;
}

/** One policy at one knob: sums over its categories and what follows from them. */
export interface PolicyFigures {
  readonly policy: string;
  readonly knob: string;
  readonly acceptedRisk: number | null;
  readonly overflowRate: number;
  readonly overflowBins: number;
  readonly cost: number;
  readonly foresightCost: number;
  readonly costRatio: number;
  readonly scaleActionsPerDay: number;
  readonly decisions: number;
  /** Share of decisions whose lead-window peak exceeded the planned capacity. */
  readonly realizedRisk: number;
  /** The same against the forecast quantile itself; null without a forecast. */
  readonly realizedQuantileRisk: number | null;
  readonly categories: readonly CategoryFigures[];
}

/** `quantile`: the forecast peak per evaluated bin at 1 − the policy's risk, NaN where it had none. */
export function categoryFigures(replayed: Replayed, quantile: Float64Array | null): CategoryFigures {
  const { trace, planned, billed, overflow } = replayed;
  const { series, fromBin, requestsPerNodeBin, leadBins, category } = trace;
  let bins = 0;
  let demand = 0;
  let over = 0;
  let overflowBins = 0;
  let cost = 0;
  let scaleActions = 0;
  for (let index = 0; index < planned.length; index++) {
    if (index > 0 && planned[index] !== planned[index - 1]) scaleActions++;
    const count = series.counts[fromBin + index]!;
    if (Number.isNaN(count)) continue;
    bins++;
    demand += count / requestsPerNodeBin;
    over += overflow[index]! / requestsPerNodeBin;
    if (overflow[index]! > 0) overflowBins++;
    cost += billed[index]!;
  }
  const exceeding = (limitOf: (index: number) => number) => {
    let decisions = 0;
    let exceeded = 0;
    const evaluated = series.counts.subarray(fromBin, fromBin + planned.length);
    for (let index = 0; index < planned.length; index++) {
      const actual = actualOf(evaluated, index, peakWindow(leadBins));
      const limit = limitOf(index);
      if (Number.isNaN(actual) || Number.isNaN(limit)) continue;
      decisions++;
      if (actual > limit * (1 + 1e-12)) exceeded++;
    }
    return { decisions, exceeded };
  };
  const capacity = exceeding((index) => planned[index]! * requestsPerNodeBin);
  const forecast = quantile === null ? null : exceeding((index) => quantile[index]!);
  return {
    category,
    requestsPerNodeBin,
    bins,
    missingBins: planned.length - bins,
    demand,
    overflow: over,
    overflowBins,
    cost,
    foresightCost: foresightCost(trace),
    scaleActions,
    days: planned.length / binsPerDay(series.clock),
    decisions: capacity.decisions,
    exceeded: capacity.exceeded,
    quantileDecisions: forecast?.decisions ?? null,
    quantileExceeded: forecast?.exceeded ?? null,
  };
}

/** Node-bins of the plan that knows the future, under the same rules. */
export function foresightCost(trace: EvaluatedTrace): number {
  const { series, fromBin, toBin, leadBins, requestsPerNodeBin } = trace;
  const counts = series.counts.subarray(fromBin, toBin);
  const { billed } = accountOf(trace, foresightPlan({ counts, leadBins, requestsPerNodeBin }));
  let cost = 0;
  for (let index = 0; index < counts.length; index++)
    if (!Number.isNaN(counts[index]!)) cost += billed[index]!;
  return cost;
}

/** Sums over categories, each in units of its own node. Rates of nothing are 0. */
export function policyFigures(
  policy: string,
  knob: string,
  acceptedRisk: number | null,
  categories: readonly CategoryFigures[],
): PolicyFigures {
  const sum = (part: (figures: CategoryFigures) => number) =>
    categories.reduce((total, figures) => total + part(figures), 0);
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
  const cost = sum((figures) => figures.cost);
  const foresight = sum((figures) => figures.foresightCost);
  const decisions = sum((figures) => figures.decisions);
  const forecasts = sum((figures) => figures.quantileDecisions ?? 0);
  return {
    policy,
    knob,
    acceptedRisk,
    overflowRate: share(
      sum((figures) => figures.overflow),
      sum((figures) => figures.demand),
    ),
    overflowBins: share(
      sum((figures) => figures.overflowBins),
      sum((figures) => figures.bins),
    ),
    cost,
    foresightCost: foresight,
    costRatio: share(cost, foresight),
    scaleActionsPerDay: share(
      sum((figures) => figures.scaleActions),
      sum((figures) => figures.days),
    ),
    decisions,
    realizedRisk: share(
      sum((figures) => figures.exceeded),
      decisions,
    ),
    realizedQuantileRisk:
      forecasts > 0
        ? share(
            sum((figures) => figures.quantileExceeded ?? 0),
            forecasts,
          )
        : null,
    categories,
  };
}
