/** Judged traces and policies → their scorecard; one category at a time, so that memory stays at one. */
import { atEqualOverflow, type EqualOverflow, type ExcessRatio, excessRatios } from './frontier';
import { type EvaluatedTrace, type Policy, type Replayed, replay } from './replay';
import { type CategoryFigures, categoryFigures, type PolicyFigures, policyFigures } from './scorecard';
import { quantileAt } from './windows';

export interface SimulationHooks {
  /** Share of the whole run that is done, and what is being done. */
  progress?(share: number, doing: string): void;
  /** Every replay as it ends, for the files of decisions. */
  replayed?(policy: Policy, replayed: Replayed): void | Promise<void>;
}

export interface SimulationResult {
  readonly policies: readonly PolicyFigures[];
  readonly excessRatios: readonly ExcessRatio[];
  readonly atEqualOverflow: readonly EqualOverflow[];
}

/** How much longer a decision of PAM takes than one of a rival: for an even progress bar only. */
const forecastWeight = 150;

/** Replays every policy on every category. Deterministic for the same traces and policies. */
export async function runSimulation(
  traces: readonly EvaluatedTrace[],
  policies: readonly Policy[],
  hooks: SimulationHooks = {},
): Promise<SimulationResult> {
  const figures = new Map<Policy, CategoryFigures[]>(policies.map((policy) => [policy, []]));
  let forecasted = false;
  const weights = policies.map(({ probabilities }) => {
    // The first policy that forecasts does the work for the others.
    const heavy = probabilities !== undefined && !forecasted;
    if (heavy) forecasted = true;
    return heavy ? forecastWeight : 1;
  });
  const whole = weights.reduce((sum, weight) => sum + weight, 0) * traces.length;
  let done = 0;
  for (const trace of traces) {
    for (const [index, policy] of policies.entries()) {
      const weight = weights[index]!;
      const doing = `${policy.name} ${policy.knob}${traces.length > 1 ? ` · ${trace.category}` : ''}`;
      const replayed = await replay(
        trace,
        policy,
        { progress: (share) => hooks.progress?.((done + share * weight) / whole, doing) },
        traces,
      );
      done += weight;
      figures.get(policy)!.push(categoryFigures(replayed, quantileAt(replayed, policy)));
      await hooks.replayed?.(policy, replayed);
    }
  }
  const evaluated = policies.map((policy) =>
    policyFigures(policy.name, policy.knob, policy.risk ?? null, figures.get(policy)!),
  );
  return {
    policies: evaluated,
    excessRatios: excessRatios(evaluated),
    atEqualOverflow: atEqualOverflow(evaluated),
  };
}
