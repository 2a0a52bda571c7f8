/**
 * A trace and a family → its forecasts of single bins from every evaluated bin, refitted daily on the past alone: the
 * replay of the simulator with a policy that plans nothing and keeps what the model said, trusted or not.
 */
import type { Forecast, ModelFamily } from '../core/forecasting/model';
import { sourcesOf } from '../core/serving/sources';
import { type DecisionView, type EvaluatedTrace, type ReplayHooks, replay } from './replay';
import { ReplayedModel } from './replayedModel';

export interface BacktestOptions {
  readonly model: string;
  readonly familyOf: (name: string) => ModelFamily;
  /** 1 = the bin that starts at the decision. */
  readonly horizonBins: readonly number[];
  /** Ascending; 0.5 among them. */
  readonly probabilities: readonly number[];
  readonly seed: number;
  /** Milliseconds of a steady clock, for the times of fits and forecasts. */
  readonly now: () => number;
}

export interface Backtested {
  readonly trace: EvaluatedTrace;
  readonly model: string;
  readonly horizonBins: readonly number[];
  readonly probabilities: readonly number[];
  /** One entry an evaluated bin; null where the model could not be fitted yet. */
  readonly forecasts: readonly (Forecast | null)[];
  readonly fits: number;
  readonly fitMs: number;
  readonly predictMs: number;
  /** Why the model could not be fitted, each reason once. */
  readonly failures: readonly string[];
}

export async function backtest(
  trace: EvaluatedTrace,
  options: BacktestOptions,
  hooks: ReplayHooks = {},
): Promise<Backtested> {
  const { model: name, horizonBins, probabilities, seed, now } = options;
  const spent = { fits: 0, fitMs: 0, predictMs: 0 };
  const failures = new Set<string>();
  const forecasts: (Forecast | null)[] = [];
  const model = new ReplayedModel(trace, {
    family: name,
    seed,
    horizonBins,
    familyOf: (family) => timedFits(options.familyOf(family), now, spent),
    fitted: ({ failure }) => {
      if (failure !== null) failures.add(failure);
    },
  });
  const query = { horizonBins, leadBins: trace.leadBins, probabilities };
  const decide = async (view: DecisionView) => {
    const inService = await model.at(view);
    const began = now();
    forecasts.push(
      inService === null
        ? null
        : sourcesOf({ ...view, query, events: trace.events, incumbent: inService, borrow: nobody }).own(),
    );
    if (inService !== null) spent.predictMs += now() - began;
    return { nodes: 1 };
  };
  await replay(trace, { name: 'backtest', knob: name, start: () => ({ decide }) }, hooks);
  return { trace, model: name, horizonBins, probabilities, forecasts, ...spent, failures: [...failures] };
}

const nobody = async () => null;

function timedFits(
  family: ModelFamily,
  now: () => number,
  spent: { fits: number; fitMs: number },
): ModelFamily {
  return {
    ...family,
    minimumBins: (series) => family.minimumBins(series),
    load: (state) => family.load(state),
    async fit(...history) {
      const began = now();
      const fitted = await family.fit(...history);
      spent.fitMs += now() - began;
      spent.fits++;
      return fitted;
    },
  };
}
