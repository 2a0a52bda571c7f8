/** Quantiles, bounds and what nodes have shown they can take → required and planned nodes, with the reason. */
import { decide } from '../../core/capacity/decide';
import { errorBudgetBreach } from '../../core/capacity/errorBudget';
import { grantFromFleet } from '../../core/capacity/fleetShare';
import { maintenanceOf, withGuards } from '../../core/capacity/guards';
import { learnRequestsPerNode } from '../../core/capacity/perNode';
import type { Plan } from '../../core/capacity/plan';
import type { CategorySettings } from '../../core/category/settings';
import type { BinTotals } from '../../ports/stores/demandStore';
import type { CalculateInput, DecisionSummary } from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';
import { prepareWindows } from './prepareWindows';

/** Bins from which a node's capacity is learned. */
const learningBins = 120;

type CalculateDependencies = Pick<AllocationDependencies, 'demand' | 'decisions' | 'categories' | 'fleet'>;

export function calculate(deps: CalculateDependencies) {
  return async (input: CalculateInput): Promise<DecisionSummary> => {
    const { settings, predicted } = input;
    const bins = Math.max(learningBins, settings.errorBudget.bins);
    const served = await deps.demand.totals(settings.name, input.atMs - bins * settings.binMs, input.atMs);
    const requestsPerNodeBin = await capacityOfNode(deps, settings, served, input.atMs);
    const { errorBudget } = settings;
    const breach = errorBudgetBreach(
      within(served, errorBudget.bins, settings.binMs, input.atMs),
      1 - settings.objective.share,
    );
    const decided = decide({
      peakDemand: predicted?.peakDemand ?? null,
      orderDemand: predicted?.orderDemand ?? null,
      lastDemand: predicted?.lastDemand ?? null,
      requestsPerNodeBin,
      provisioned: input.provisioned,
      previousPlanned: input.previousPlanned,
      recentRequired: input.recentRequired,
      ...(predicted?.hold === undefined ? {} : { holdMs: predicted.hold.ms }),
      headroom: breach === null ? settings.headroom : Math.max(settings.headroom, errorBudget.headroom),
      nodes: settings.nodes,
      override: input.override,
      paused: input.paused,
      atLeast: input.atLeast,
    });
    const guarded = withGuards(decided, {
      atMs: input.atMs,
      provisioned: input.provisioned,
      previousPlanned: input.previousPlanned,
      nodes: settings.nodes,
      maintenance: maintenanceOf(settings),
      preparation: await prepareWindows(deps, input, requestsPerNodeBin),
      breach,
      breachHeadroom: errorBudget.headroom,
    });
    const shared =
      settings.mode === 'active' ? await withFleetBudget(deps, guarded, requestsPerNodeBin, input) : guarded;
    const plan = input.health == null ? shared : { ...shared, reason: `${shared.reason}; ${input.health}` };
    await deps.decisions.putDecision({
      id: input.decisionId,
      category: settings.name,
      madeMs: input.atMs,
      forecastId: predicted?.forecastId ?? null,
      trigger: input.trigger,
      demand: predicted?.lastDemand ?? null,
      peakDemand: predicted?.peakDemand ?? null,
      requestsPerNodeBin,
      plan,
      provisioned: input.provisioned,
      routable: input.routable,
    });
    return {
      decisionId: input.decisionId,
      atMs: input.atMs,
      trigger: input.trigger,
      required: plan.required,
      planned: plan.planned,
      rule: plan.rule,
      reason: plan.reason,
      requestsPerNodeBin,
    };
  };
}

/** The plan within what the fleet's budget leaves to this category. */
async function withFleetBudget(
  { fleet }: CalculateDependencies,
  plan: Plan,
  requestsPerNodeBin: number,
  { settings, predicted, provisioned, atMs }: CalculateInput,
): Promise<Plan> {
  // What may not be changed now is held, whatever the others wish for.
  const fixed = plan.rule === 'paused' || plan.rule === 'maintenance';
  const wish = {
    category: settings.name,
    wish: plan.planned,
    min: fixed ? provisioned : Math.min(settings.nodes.min, plan.planned),
    weight: settings.weight,
    requestsPerNodeBin,
    demand: predicted?.peakQuantiles ?? [],
  };
  const { granted, reason } = await fleet.claim(wish, atMs, (others, maximum) =>
    grantFromFleet(wish, others, maximum),
  );
  return reason === null
    ? plan
    : { ...plan, planned: granted, rule: 'bounded-by-fleet', reason: `${plan.reason}; ${reason}` };
}

function within(bins: readonly BinTotals[], count: number, binMs: number, atMs: number): BinTotals[] {
  return bins.filter(({ startMs }) => startMs >= atMs - count * binMs);
}

/** Requests per bin that one node serves at its accepted utilization: as configured, then as the nodes show. */
async function capacityOfNode(
  { categories }: CalculateDependencies,
  settings: CategorySettings,
  served: readonly BinTotals[],
  atMs: number,
): Promise<number> {
  const { node, utilization, binMs } = settings;
  const perSecond =
    settings.requestsPerNodeSecond ?? (node.concurrency / (node.serviceTimeMs / 1_000)) * utilization;
  const learned = learnRequestsPerNode({
    bins: within(served, learningBins, binMs, atMs),
    configured: (perSecond * binMs) / 1_000,
    concurrency: node.concurrency,
    utilization,
    binMs,
  });
  await categories.learn(settings.name, learned / (binMs / 1_000));
  return learned;
}
