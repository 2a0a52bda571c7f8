/** Nothing in → nothing measured out: the demand of such a category is the history that `pam import` stores. */
import { settleMsOf } from '../../../core/category/demand';
import type { DemandSource } from '../../../ports/demandSource';

export function createImportsSource(): DemandSource {
  return {
    name: 'imports',
    knows: new Set(),
    settleMs: settleMsOf,
    bins: async () => [],
    live: async () => ({ requestsPerSecond: null, overMs: 0, utilization: null }),
  };
}
