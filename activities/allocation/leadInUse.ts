/** What the latest orders took and the lead in use → the lead to plan with from now on; a change is stored. */
import type { NodeBoot } from '../../core/capacity/boots';
import { leadWindow, measuredLead, planLead } from '../../core/capacity/leadTime';
import type { CategorySettings } from '../../core/category/settings';
import type { LeadTimeStore } from '../../ports/stores/nodes/leadTimeStore';
import type { NodeStore } from '../../ports/stores/nodes/nodeStore';
import type { LeadSummary } from '../../workflows/contracts';

export interface LeadDependencies {
  readonly nodes: Pick<NodeStore, 'boots'>;
  readonly leadTimes: LeadTimeStore;
}

/** `unmetSinceMs`: when nodes were asked for that the pool has not brought into being; null when all exist. */
export async function leadInUse(
  { nodes, leadTimes }: LeadDependencies,
  settings: CategorySettings,
  unmetSinceMs: number | null,
  nowMs: number,
): Promise<LeadSummary> {
  const { name, binMs, leadMs: configuredMs, leadMode: mode } = settings;
  const [boots, stored] = await Promise.all([
    nodes.boots(name, nowMs - leadWindow.days * settings.dayMs, nowMs, leadWindow.orders),
    leadTimes.at(name, nowMs),
  ]);
  const before = measuredLead(settings, stored);
  const lead = planLead({
    boots: unmetSinceMs === null ? boots : [...boots, unmet(unmetSinceMs, nowMs)],
    binMs,
    configuredMs,
    mode,
    before,
    nowMs,
  });
  const { bins, raisedMs, loweredMs, orders, nodes: counted, failed, p50Ms, p95Ms, warning } = lead;
  const changed = raisedMs !== (before?.raisedMs ?? null) || loweredMs !== (before?.loweredMs ?? null);
  if (changed)
    await leadTimes.put({
      category: name,
      sinceMs: nowMs,
      bins,
      binMs,
      configuredMs,
      raisedMs,
      loweredMs,
      orders,
      p50Ms,
      p95Ms,
      reason: lead.reason,
    });
  return {
    bins,
    ms: bins * binMs,
    configuredMs,
    sinceMs: changed ? nowMs : (before?.sinceMs ?? null),
    reason: changed ? lead.reason : (before?.reason ?? lead.reason),
    warning,
    orders,
    nodes: counted,
    failed,
    p50Ms,
    p95Ms,
  };
}

/** An order that has not even become a node. */
function unmet(orderedMs: number, nowMs: number): NodeBoot {
  return { orderedMs, createdMs: orderedMs, waitingMs: nowMs, routableMs: null };
}
