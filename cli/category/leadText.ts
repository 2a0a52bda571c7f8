/** The lead time that is planned with, and what it rests on → sentences for people. */
import { countOfBins } from '../../core/capacity/leadTime';
import type { LeadSummary } from '../../workflows/contracts';
import { ago, lasting } from '../text/time';

/** One line on what is planned with, one on what was measured, and one if something should be looked at. */
export function leadLines(lead: LeadSummary | null, atMs: number): string[] {
  if (lead === null) return [];
  const since = lead.sinceMs === null ? '' : ` since ${ago(atMs - lead.sinceMs)}`;
  return [
    `${lasting(lead.ms)} (${countOfBins(lead.bins)})${since}, configured ${lasting(lead.configuredMs)}: ${lead.reason}`,
    measuredText(lead),
    ...(lead.warning === null ? [] : [`look: ${lead.warning}`]),
  ];
}

/** How long orders took. */
export function measuredText({
  orders,
  nodes,
  failed,
  p50Ms,
  p95Ms,
}: Pick<LeadSummary, 'orders' | 'nodes' | 'failed' | 'p50Ms' | 'p95Ms'>): string {
  if (orders === 0) return 'nothing measured yet from an order to its nodes taking traffic';
  const took = (ms: number | null) => (ms === null ? 'longer than was waited' : `within ${lasting(ms)}`);
  const never = failed === 0 ? '' : `, ${failed} of them brought no node`;
  return `from an order to its nodes taking traffic: half ${took(p50Ms)}, 95 % ${took(p95Ms)} (${orders} orders, ${nodes} nodes${never})`;
}
