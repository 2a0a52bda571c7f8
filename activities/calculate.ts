/** Quantiles, bounds and what nodes have shown they can take → required and planned nodes, with the reason. */
import { decide } from '../core/capacity/decide';
import { learnRequestsPerNode } from '../core/capacity/perNode';
import type { CategorySettings } from '../core/demand/category';
import type { CalculateInput, DecisionSummary } from '../workflows/contracts';
import type { AllocationDependencies } from './dependencies';

/** Bins from which a node's capacity is learned. */
const learningBins = 120;

type CalculateDependencies = Pick<AllocationDependencies, 'demand' | 'decisions' | 'categories'>;

export function calculate(deps: CalculateDependencies) {
  return async (input: CalculateInput): Promise<DecisionSummary> => {
    const { settings, predicted } = input;
    const requestsPerNode = await capacityOfNode(deps, settings, input.atMs);
    const plan = decide({
      peakDemand: predicted?.peakDemand ?? null,
      lastDemand: predicted?.lastDemand ?? null,
      requestsPerNode,
      provisioned: input.provisioned,
      previousPlanned: input.previousPlanned,
      recentRequired: input.recentRequired,
      headroom: settings.headroom,
      nodes: settings.nodes,
      override: input.override,
      paused: input.paused,
      atLeast: input.atLeast,
    });
    await deps.decisions.putDecision({
      id: input.decisionId,
      category: settings.name,
      madeMs: input.atMs,
      forecastId: predicted?.forecastId ?? null,
      trigger: input.trigger,
      demand: predicted?.lastDemand ?? null,
      peakDemand: predicted?.peakDemand ?? null,
      requestsPerNode,
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
      requestsPerNode,
    };
  };
}

/** Requests per bin that one node serves at its accepted utilization: as configured, then as the nodes show. */
async function capacityOfNode(
  { demand, categories }: CalculateDependencies,
  settings: CategorySettings,
  atMs: number,
): Promise<number> {
  const { node, utilization, bin } = settings;
  const perSecond = settings.requestsPerNode ?? (node.concurrency / (node.serviceTime / 1_000)) * utilization;
  const bins = await demand.totals(settings.name, atMs - learningBins * bin, atMs);
  const learned = learnRequestsPerNode({
    bins,
    configured: (perSecond * bin) / 1_000,
    concurrency: node.concurrency,
    utilization,
    binMs: bin,
  });
  await categories.learn(settings.name, learned / (bin / 1_000));
  return learned;
}
