/** Quantiles, bounds and what nodes have shown they can take → required and planned nodes, with the reason. */
import { decide } from '../../core/capacity/decide';
import { errorBudgetBreach } from '../../core/capacity/errorBudget';
import { grantFromFleet } from '../../core/capacity/fleetShare';
import { maintenanceOf, withGuards } from '../../core/capacity/guards';
import { learnRequestsPerNode, teaches } from '../../core/capacity/perNode';
import type { Plan, PlanRule } from '../../core/capacity/plan';
import type { CategorySettings } from '../../core/category/settings';
import { errorsInWords, latestBin } from '../../core/demand/errorShare';
import { vanishedDemand } from '../../core/demand/vanished';
import { isKept, totalLimit, withinCategoryLimit, withinTotal } from '../../core/policy/nodeLimits';
import { requiredWithin } from '../../core/serving/requiredWindow';
import type { BinTotals } from '../../ports/stores/demand/demandStore';
import type { CalculateInput, CalculateSummary } from '../../workflows/contracts';
import type { AllocationDependencies } from '../frame/dependencies';
import { holdInUse } from './holdInUse';
import { poolTrouble } from './poolTrouble';
import { prepareWindows } from './prepareWindows';
import { learningBins, TickBins } from './tickBins';

type CalculateDependencies = Pick<
  AllocationDependencies,
  'demand' | 'decisions' | 'categories' | 'fleet' | 'holds' | 'troubles' | 'policy' | 'now'
>;

export function calculate(deps: CalculateDependencies, bins = new TickBins(deps.demand, deps.now)) {
  return async (input: CalculateInput): Promise<CalculateSummary> => {
    const { settings, predicted, atMs } = input;
    const { errorBudget } = settings;
    const hold = await holdInUse(deps, settings, atMs);
    const requestsPerNodeBin = await capacityOfNode(
      deps,
      settings,
      await bins.totalsBefore(settings, atMs, learningBins),
    );
    const breach = errorBudgetBreach(
      await bins.totalsBefore(settings, atMs, errorBudget.bins),
      1 - settings.objective.share,
    );
    const totals = await bins.totalsBefore(settings, atMs, learningBins);
    const vanished = vanishedDemand(totals, {
      routable: input.routable,
      nowMs: atMs,
      binMs: settings.binMs,
    });
    const decided = decide({
      peakDemand: predicted?.peakDemand ?? null,
      orderDemand: predicted?.orderDemand ?? null,
      lastDemand: predicted?.lastDemand ?? null,
      requestsPerNodeBin,
      provisioned: input.provisioned,
      previousPlanned: input.previousPlanned,
      recentRequired: requiredWithin(input.required, atMs, hold.ms),
      holdMs: hold.ms,
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
      doubt: vanished?.finding ?? null,
      lastBinMissing: predicted !== null && predicted.peakDemand !== null && predicted.lastDemand === null,
    });
    const bounded = withinCategoryLimit(guarded, deps.policy);
    const shared =
      settings.mode === 'active' ? await withFleetBudget(deps, bounded, requestsPerNodeBin, input) : bounded;
    const told = [
      input.health,
      errorsInWords(latestBin(totals, atMs, settings.binMs), input.routable),
      ...(await poolTrouble(deps.troubles, settings.name, atMs)),
    ].filter((text) => text !== null);
    const plan = { ...shared, reason: [shared.reason, ...told].join('; ') };
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
      hold,
    };
  };
}

/** The plan within what the fleet's budget and the policy leave to this category. */
async function withFleetBudget(
  { fleet, policy }: CalculateDependencies,
  plan: Plan,
  requestsPerNodeBin: number,
  { settings, predicted, provisioned, atMs }: CalculateInput,
): Promise<Plan> {
  const { inAll } = policy.nodes;
  // What may not be changed now is kept, whatever the others wish for.
  const kept = isKept(plan) ? provisioned : 0;
  const wish = {
    category: settings.name,
    wish: plan.planned,
    min: isKept(plan) ? provisioned : Math.min(settings.nodes.min, plan.planned),
    weight: settings.weight,
    requestsPerNodeBin,
    demand: predicted?.peak ?? { probabilities: [], peak: [] },
  };
  let rule: PlanRule = 'bounded-by-fleet';
  const { granted, reason } = await fleet.claim(wish, atMs, (others, budget) => {
    const byBudget = budget !== null && budget <= inAll;
    const grant = byBudget
      ? grantFromFleet(wish, others, budget)
      : grantFromFleet(wish, others, inAll, totalLimit);
    const within = withinTotal(grant, others, kept, policy);
    rule = byBudget && within === grant ? 'bounded-by-fleet' : 'bounded-by-policy';
    return within;
  });
  return reason === null ? plan : { ...plan, planned: granted, rule, reason: `${plan.reason}; ${reason}` };
}

/** A change of what was learned by less than this share is not written. */
const leastChange = 0.01;

/**
 * Requests per bin that one node serves at its accepted utilization: as configured, then as the nodes show. What they
 * have shown outlives the bins that showed it: a category that starts again starts from there.
 */
async function capacityOfNode(
  { categories }: CalculateDependencies,
  settings: CategorySettings,
  bins: readonly BinTotals[],
): Promise<number> {
  const { name, node, utilization, binMs } = settings;
  const binSeconds = binMs / 1_000;
  const perSecond =
    settings.requestsPerNodeSecond ?? (node.concurrency / (node.serviceTimeMs / 1_000)) * utilization;
  const configured = perSecond * binSeconds;
  const before = (await categories.get(name))?.learnedRequestsPerNodeSecond ?? null;
  const given = { bins, configured, concurrency: node.concurrency, utilization, binMs };
  if (teaches(bins)) {
    // Without what was learned before, or the same bins would count again with every decision.
    const learned = learnRequestsPerNode({ ...given, start: configured }) / binSeconds;
    if (before === null || Math.abs(learned / before - 1) >= leastChange)
      await categories.learn(name, learned);
  }
  return learnRequestsPerNode({ ...given, start: before === null ? configured : before * binSeconds });
}
