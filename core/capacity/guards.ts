/** A plan and the owner's guards → the plan within them, with the reason. Each guard is a small wrapper; order matters. */
import type { CategorySettings } from '../category/settings';
import { percent } from '../text/figures';
import type { Preparation } from './comingWindows';
import type { Breach } from './errorBudget';
import type { Plan } from './plan';

export interface MaintenanceWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: string;
}

export interface GuardInput {
  readonly atMs: number;
  readonly provisioned: number;
  readonly previousPlanned: number | null;
  readonly nodes: {
    readonly min: number;
    readonly max: number;
    readonly maxStepUp?: number | undefined;
    readonly maxStepDown?: number | undefined;
  };
  readonly maintenance: readonly MaintenanceWindow[];
  /** Nodes that announced windows need ordered by now; null when none do. */
  readonly preparation?: Preparation | null;
  /** Set while the objective is breached for long. */
  readonly breach: Breach | null;
  /** Extra nodes while it is, as a fraction; already in the plan's demand. */
  readonly breachHeadroom: number;
  /** Why the demand that was measured is doubted. Absent or null: it is not. */
  readonly doubt?: string | null;
  /** The bin that has just ended was not measured. Absent: it was. */
  readonly lastBinMissing?: boolean;
}

/** The windows of a category's settings. */
export function maintenanceOf({ maintenance }: Pick<CategorySettings, 'maintenance'>): MaintenanceWindow[] {
  return maintenance.map(({ fromMs, toMs, reason }) => ({ fromMs, toMs, reason }));
}

/** The window that is open at `atMs`. */
export function maintenanceAt(
  windows: readonly MaintenanceWindow[],
  atMs: number,
): MaintenanceWindow | undefined {
  return windows.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
}

/** People's decisions stand above the guards: a pause and an override pass unchanged. */
export function withGuards(plan: Plan, input: GuardInput): Plan {
  if (plan.rule === 'paused' || plan.rule === 'override') return plan;
  const window = maintenanceAt(input.maintenance, input.atMs);
  if (window !== undefined)
    return {
      ...plan,
      planned: input.provisioned,
      rule: 'maintenance',
      reason: `maintenance until ${new Date(window.toMs).toISOString()} (${window.reason}): keeping the ${input.provisioned} that exist; ${plan.reason}`,
    };
  const told = withDoubt(withErrorBudget(withPreparation(plan, input), input), input);
  return withStepLimit(told, input);
}

/** A window's nodes are ordered the lead time before its start and kept until it begins. */
function withPreparation(plan: Plan, { preparation, nodes: { max } }: GuardInput): Plan {
  if (preparation == null || preparation.nodes <= plan.planned) return plan;
  const planned = Math.min(max, preparation.nodes);
  if (planned <= plan.planned) return plan;
  const bounded = planned < preparation.nodes ? `, bounded by the maximum of ${max}` : '';
  return {
    ...plan,
    planned,
    rule: 'coming-window',
    reason: `${plan.reason}; planning ${planned}: ${preparation.reason}${bounded}`,
  };
}

/** While the objective is breached for long, nodes are not given up. */
function withErrorBudget(plan: Plan, { breach, breachHeadroom, previousPlanned, nodes }: GuardInput): Plan {
  if (breach === null) return plan;
  const planned = Math.min(nodes.max, Math.max(plan.planned, previousPlanned ?? 0));
  const spent = `error budget spent (${percent(breach.share)} late or failed, ${breach.badBins} of ${breach.measuredBins} bins bad)`;
  const measure = `conservative: ${percent(breachHeadroom)} headroom, no node is given up`;
  return {
    ...plan,
    planned,
    rule: planned > plan.planned ? 'error-budget' : plan.rule,
    reason: `${plan.reason}; ${spent}, ${measure}${planned > plan.planned ? `, keeping ${planned}` : ''}`,
  };
}

/** Nodes are not given up on demand that is doubted, nor on demand that was not measured. */
function withDoubt(plan: Plan, { doubt, lastBinMissing, previousPlanned, nodes }: GuardInput): Plan {
  const kept = Math.min(nodes.max, previousPlanned ?? 0);
  const keeps = kept > plan.planned;
  if (doubt != null)
    return {
      ...plan,
      planned: Math.max(plan.planned, kept),
      rule: keeps ? 'demand-doubted' : plan.rule,
      reason: `${plan.reason}; ${doubt}${keeps ? `, keeping ${kept}` : ''}`,
    };
  if (lastBinMissing === true && keeps)
    return {
      ...plan,
      planned: kept,
      rule: 'last-bin-missing',
      reason: `${plan.reason}; the last bin was not measured, no node is given up on missing data, keeping ${kept}`,
    };
  return plan;
}

/** Limits the step up or down to what the owner allows; the rest follows in the next decisions. */
function withStepLimit(plan: Plan, { previousPlanned, nodes }: GuardInput): Plan {
  if (previousPlanned === null) return plan;
  const { maxStepUp = Number.POSITIVE_INFINITY, maxStepDown = Number.POSITIVE_INFINITY, min, max } = nodes;
  const within = Math.min(previousPlanned + maxStepUp, Math.max(previousPlanned - maxStepDown, plan.planned));
  const planned = Math.min(max, Math.max(min, within));
  if (planned === plan.planned) return plan;
  const step = planned > plan.planned ? `at most ${maxStepDown} given up` : `at most ${maxStepUp} added`;
  return {
    ...plan,
    planned,
    rule: 'bounded-by-step',
    reason: `${plan.reason}; planning ${planned}: ${step} in one decision`,
  };
}
