/** The planned number of nodes → the category's pool: nodes created or drained, the routing rule in place. */
import type { ScaleInput, ScaleSummary } from '../../workflows/contracts';
import { withHeartbeat } from '../frame/coded';
import type { AllocationDependencies } from '../frame/dependencies';

const heartbeatMs = 2_000;

/** Idempotent: scaling twice to the same number changes nothing. */
export function scale({ pool, now }: Pick<AllocationDependencies, 'pool' | 'now'>) {
  return async ({ settings, nodes, replace, createdBy }: ScaleInput): Promise<ScaleSummary> => {
    const startedMs = now();
    const change = await withHeartbeat(heartbeatMs, (call) =>
      pool.reconcile(
        {
          category: settings.name,
          nodes,
          rule: settings.match === undefined ? null : { category: settings.name, match: settings.match },
          provider: settings.nodes.provider,
          template: settings.node,
          settings: settings[settings.nodes.provider] ?? {},
          ...(replace.length === 0 ? {} : { replace }),
          createdBy,
        },
        call,
      ),
    );
    const replaced = replace.filter((id) => change.removed.includes(id));
    return {
      created: change.created.length,
      removed: change.removed.length,
      replaced,
      provisioned: change.provisioned,
      stack: settings.name,
      tookMs: now() - startedMs,
    };
  };
}
