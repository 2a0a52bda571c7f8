/** A plan or a grant and the policy's numbers of nodes → the same within them, with the reason. */
import type { FleetClaim, FleetGrant } from '../capacity/fleetShare';
import type { Plan } from '../capacity/plan';
import { refusal } from './refusals';
import type { Policy } from './schema';

/** What exists and may not be changed now is kept: a policy limits what is ordered. */
export const isKept = ({ rule }: Plan): boolean => rule === 'paused' || rule === 'maintenance';

/** What the most nodes of all categories are called in a reason. */
export const totalLimit = refusal('limit', 'nodes.inAll');

/** The most nodes of one category. */
export function withinCategoryLimit(plan: Plan, { nodes: { perCategory } }: Policy): Plan {
  if (isKept(plan) || plan.planned <= perCategory) return plan;
  return {
    ...plan,
    planned: perCategory,
    rule: 'bounded-by-policy',
    reason: `${plan.reason}; ${refusal(`bounded by ${perCategory} nodes of one category`, 'nodes.perCategory')}`,
  };
}

/**
 * The most nodes of all categories together, whatever their minima add up to.
 * @param kept nodes that exist and stay as they are.
 */
export function withinTotal(
  grant: FleetGrant,
  others: readonly FleetClaim[],
  kept: number,
  { nodes: { inAll } }: Policy,
): FleetGrant {
  const free = Math.max(0, inAll - others.reduce((sum, { granted }) => sum + granted, 0));
  const granted = Math.min(grant.granted, Math.max(free, kept));
  if (granted === grant.granted) return grant;
  const why = refusal(`bounded by ${free} nodes that are left of ${inAll} for all categories`, 'nodes.inAll');
  return { granted, reason: grant.reason === null ? why : `${grant.reason}; ${why}` };
}

/** Why an order of so many nodes is not carried out; empty if it is. `granted` is what a decision got for the category. */
export function orderRefusals(
  category: string,
  nodes: number,
  claims: readonly Pick<FleetClaim, 'category' | 'granted'>[],
  { nodes: { perCategory, inAll } }: Policy,
): string[] {
  const granted = claims.find((claim) => claim.category === category)?.granted ?? 0;
  const inUse = claims.reduce((sum, claim) => sum + (claim.category === category ? 0 : claim.granted), 0);
  if (nodes > perCategory)
    return [
      refusal(`nodes: ${nodes} for "${category}", expected at most ${perCategory}`, 'nodes.perCategory'),
    ];
  if (nodes > 0 && nodes + inUse > inAll)
    return [
      refusal(
        `nodes: ${nodes} for "${category}" beside ${inUse} of other categories, expected at most ${inAll} in all`,
        'nodes.inAll',
      ),
    ];
  if (nodes > granted)
    return [
      `nodes: ${nodes} for "${category}", expected at most the ${granted} that its last decision was granted`,
    ];
  return [];
}
