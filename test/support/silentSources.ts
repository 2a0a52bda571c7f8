/** Demand sources for tests whose bins are stored already: nothing is measured between two of them. */
import type { DemandSource, DemandSources } from '../../ports/demandSource';

const silent: DemandSource = {
  name: 'silent',
  knows: new Set(),
  settleMs: () => 0,
  bins: async () => [],
  live: async () => ({ requestsPerSecond: null, overMs: 0, utilization: null }),
};

export const silentSources: DemandSources = { all: [silent], of: () => silent };
