/**
 * Names and options → the settings of a demo’s categories: small nodes that boot within their lead time, so that a
 * peak needs several.
 */
import type { CategoryInput } from '../../core/category/settings';
import type { RoutingMatch } from '../../core/routing/rule';

export const demoNode = { serviceTimeMs: 200, concurrency: 2, bootTimeMs: 2_500, drainMs: 5_000 } as const;
export const demoUtilization = 0.8;
export const demoObjective = { latencyMs: 500, share: 0.99 } as const;
/** Lead time in bins, unless a demo sets another one; enough for `demoNode` at bins of 2 s. */
export const demoLeadBins = 5;
/**
 * Bins of traffic before the evaluated part: enough for the first nodes to come and for models to be trained on the
 * imported history.
 */
export const demoWarmUpBins = 20;
const horizonBins = [5, 15];

export interface DemoInputOptions {
  readonly binMs: number;
  /** Bins of the daily season. */
  readonly dayBins: number;
  readonly seed: number;
  /** Accepted risk; absent: the default of any category. */
  readonly risk?: number;
  /** Lead time in bins, at least `demoLeadBins`, which is the default: nodes boot for as much longer. */
  readonly leadBins?: number;
}

/** What a demo's category is started with: one that is routed. */
export type DemoInput = CategoryInput & { readonly name: string; readonly match: RoutingMatch };

/** Input of the workflow of category `name`. */
export function demoInput(
  name: string,
  { binMs, dayBins, seed, risk, leadBins = demoLeadBins }: DemoInputOptions,
): DemoInput {
  const inBins = (bins: number) => `${bins * binMs}ms`;
  return {
    name,
    match: { header: { name: 'x-category', value: name } },
    ...(risk === undefined ? {} : { risk }),
    bin: inBins(1),
    day: inBins(dayBins),
    lead: inBins(leadBins),
    // The plan that knows the future, which the cost is compared with, has this lead time.
    leadMode: 'fixed',
    horizons: horizonBins.map(inBins),
    scaleDownHold: inBins(2),
    utilization: demoUtilization,
    objective: { latency: `${demoObjective.latencyMs}ms`, share: demoObjective.share },
    nodes: { min: 1, max: 24, initial: 2 },
    node: {
      serviceTime: `${demoNode.serviceTimeMs}ms`,
      concurrency: demoNode.concurrency,
      drain: `${demoNode.drainMs}ms`,
    },
    local: { bootTime: `${demoNode.bootTimeMs + (leadBins - demoLeadBins) * binMs}ms` },
    seed,
  };
}
