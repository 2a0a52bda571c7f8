/** PAM itself: the forecast that counts, its quantile at the accepted risk, and the decision of production. */
import { decide } from '../../core/capacity/decide';
import { longestHoldMs } from '../../core/capacity/hold';
import { defaultScaleDownHoldMs } from '../../core/capacity/plan';
import { binsPerDay } from '../../core/demand/clock';
import { seriesEndMs } from '../../core/demand/series';
import { chooseHold, holdEvidenceBins } from '../../core/evaluation/selection/holdChoice';
import { demandToPlanFor } from '../../core/serving/demandToPlanFor';
import { probabilitiesFor } from '../../core/serving/query';
import { type RequiredAt, requiredWithin, withRequired } from '../../core/serving/requiredWindow';
import { type CategoryForecasts, type ForecastingOptions, ReplayedForecasts } from '../forecasts';
import type { DecisionView, EvaluatedTrace, Policy } from '../replay';

export interface PamOptions {
  /** Accepted risks; one policy each, all on the same forecasts. */
  readonly risks: readonly number[];
  /** Family of models; "boosted" is what production ships with. */
  readonly family?: string;
  readonly seed?: number;
  /** Nodes are given up only when fewer were required for this long; `auto`, the default: chosen daily, as in production. */
  readonly scaleDownHoldMs?: number | 'auto';
  readonly fitted?: ForecastingOptions['fitted'];
  /** Makes the forecasts of a category; whoever gives it can look at them afterwards. */
  readonly forecasting?: (trace: EvaluatedTrace, options: ForecastingOptions) => CategoryForecasts;
}

/** No bound: the rivals have none either. */
const unbounded = { min: 1, max: Number.MAX_SAFE_INTEGER, initial: 1 };

export function pamPolicies(options: PamOptions): Policy[] {
  const { risks, fitted } = options;
  const make = options.forecasting ?? ((trace, forecasting) => new ReplayedForecasts(trace, forecasting));
  const forecasting: ForecastingOptions = {
    family: options.family ?? 'boosted',
    risks,
    seed: options.seed ?? 1,
    ...(fitted === undefined ? {} : { fitted }),
  };
  // One category at a time: its forecasts are dropped when the next one begins.
  let current: { trace: EvaluatedTrace; forecasts: CategoryForecasts } | null = null;
  const forecastsOf = (trace: EvaluatedTrace, fleet: readonly EvaluatedTrace[]) => {
    if (current?.trace !== trace) current = { trace, forecasts: make(trace, { ...forecasting, fleet }) };
    return current.forecasts;
  };
  return risks.map((risk) => ({
    name: 'pam',
    knob: `${risk}`,
    risk,
    probabilities: probabilitiesFor(risks),
    start: (trace, fleet) => pamDecider(trace, forecastsOf(trace, fleet), risk, options.scaleDownHoldMs),
  }));
}

function pamDecider(
  trace: EvaluatedTrace,
  forecasts: CategoryForecasts,
  risk: number,
  scaleDownHoldMs: number | 'auto' = 'auto',
): ReturnType<Policy['start']> {
  const { probabilities } = forecasts;
  const holdMsAt =
    scaleDownHoldMs === 'auto' ? chosenHolds(trace, forecasts, risk) : (_: DecisionView) => scaleDownHoldMs;
  const longestMs = longestHoldMs({ scaleDownHoldMs, binMs: trace.series.clock.binMs });
  let required: RequiredAt[] = [];
  return {
    async decide(view) {
      const { past, planned } = view;
      const atMs = seriesEndMs(past);
      const forecast = await forecasts.at(view, risk);
      const last = past.counts.at(-1) ?? Number.NaN;
      const heldMs = holdMsAt(view);
      const peak = forecast === null ? null : { probabilities, peak: forecast.peak };
      const { peakDemand, orderDemand } = demandToPlanFor(peak, risk);
      const plan = decide({
        peakDemand,
        orderDemand,
        lastDemand: Number.isNaN(last) ? null : last,
        requestsPerNodeBin: trace.requestsPerNodeBin,
        provisioned: planned ?? unbounded.initial,
        previousPlanned: planned,
        recentRequired: requiredWithin(required, atMs, heldMs),
        holdMs: heldMs,
        headroom: 0,
        nodes: unbounded,
        override: null,
        paused: false,
      });
      required = withRequired(required, { atMs, required: plan.required }, longestMs);
      return forecast === null ? { nodes: plan.planned } : { nodes: plan.planned, peak: forecast.peak };
    },
  };
}

/** The hold of each decision, ms: reviewed once a day, as at a training in production, on the decisions before. */
function chosenHolds(
  { fromBin, leadBins, series: { clock } }: EvaluatedTrace,
  forecasts: CategoryForecasts,
  risk: number,
): (view: DecisionView) => number {
  const { probabilities } = forecasts;
  let holdMs = defaultScaleDownHoldMs;
  return ({ bin, past }) => {
    const decided = bin - fromBin;
    if (decided % binsPerDay(clock) !== 0) return holdMs;
    const bins = Math.min(decided, holdEvidenceBins(clock));
    const choice = chooseHold({
      clock,
      counts: past.counts.slice(bin - bins, bin),
      forecasts: forecasts
        .made(risk)
        .slice(decided - bins, decided)
        .map((made) => (made === null ? null : { peak: made.peak, probabilities })),
      leadBins,
      risk,
      beforeMs: holdMs,
    });
    holdMs = choice?.holdMs ?? holdMs;
    return holdMs;
  };
}
