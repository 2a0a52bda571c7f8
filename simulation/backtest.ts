/**
 * A trace and a family → its forecasts of single bins from every judged bin, refitted daily on the past alone: the
 * replay of the simulator with a policy that plans nothing and keeps what was forecast.
 */
import type { FittedModel, Forecast, ModelFamily } from '../core/forecasting/model';
import { ReplayedForecasts } from './forecasts';
import { type JudgedTrace, type ReplayHooks, replay } from './replay';

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
  readonly trace: JudgedTrace;
  readonly model: string;
  readonly horizonBins: readonly number[];
  readonly probabilities: readonly number[];
  /** One entry a judged bin; null where the model could not be fitted yet. */
  readonly forecasts: readonly (Forecast | null)[];
  readonly fits: number;
  readonly fitMs: number;
  readonly predictMs: number;
  /** Why the model could not be fitted, each reason once. */
  readonly failures: readonly string[];
}

/** Serves before the first fit, as in production; its forecasts are not the model's and are left out. */
const anchor = 'last-value';

export async function backtest(
  trace: JudgedTrace,
  options: BacktestOptions,
  hooks: ReplayHooks = {},
): Promise<Backtested> {
  const { model, horizonBins, probabilities, now } = options;
  const spent = { fits: 0, fitMs: 0, predictMs: 0 };
  const failures = new Set<string>();
  let served = false;
  const timed = (family: ModelFamily): ModelFamily => ({
    ...family,
    minimumBins: (series) => family.minimumBins(series),
    async fit(history, context, fitOptions) {
      const began = now();
      const fitted = await family.fit(history, context, fitOptions);
      spent.fitMs += now() - began;
      spent.fits++;
      return {
        family: fitted.family,
        contextBins: fitted.contextBins,
        serialize: () => fitted.serialize(),
        forecast(...asked: Parameters<FittedModel['forecast']>) {
          const started = now();
          const forecast = fitted.forecast(...asked);
          spent.predictMs += now() - started;
          served = true;
          return forecast;
        },
      };
    },
  });
  const own: boolean[] = [];
  let forecasts: ReplayedForecasts | null = null;
  await replay(
    trace,
    {
      name: 'backtest',
      knob: model,
      start(judged) {
        const replayed = new ReplayedForecasts(judged, {
          family: model,
          anchor,
          probabilities,
          horizonBins,
          seed: options.seed,
          familyOf: (name) => (name === model ? timed(options.familyOf(name)) : options.familyOf(name)),
          fitted: ({ failure }) => {
            if (failure !== null) failures.add(failure);
          },
        });
        forecasts = replayed;
        return {
          async decide(view) {
            served = false;
            await replayed.at(view);
            own.push(served);
            return { nodes: 1 };
          },
        };
      },
    },
    hooks,
  );
  const made = (forecasts as ReplayedForecasts | null)?.made ?? [];
  return {
    trace,
    model,
    horizonBins,
    probabilities,
    forecasts: own.map((mine, index) => (mine ? (made[index] ?? null) : null)),
    ...spent,
    failures: [...failures],
  };
}
