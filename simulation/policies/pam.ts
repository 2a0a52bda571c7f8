/** PAM itself: forecast of the lead window's peak, its quantile at the accepted risk, and the decision of production. */
import { decide } from '../../core/capacity/decide';
import { holdBinsOf } from '../../core/capacity/hold';
import { defaultScaleDownHoldMs, orderRisk } from '../../core/capacity/plan';
import { binsPerDay } from '../../core/demand/clock';
import { chooseHold, holdEvidenceBins } from '../../core/evaluation/selection/holdChoice';
import { standardProbabilities } from '../../core/forecasting/model';
import { peakAtRisk } from '../../core/forecasting/peakQuantile';
import { type ForecastingOptions, ReplayedForecasts } from '../forecasts';
import type { DecisionView, JudgedTrace, Policy } from '../replay';

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
  readonly forecasting?: (trace: JudgedTrace, options: ForecastingOptions) => ReplayedForecasts;
}

/** No bound: the rivals have none either. */
const unbounded = { min: 1, max: Number.MAX_SAFE_INTEGER, initial: 1 };

export function pamPolicies(options: PamOptions): Policy[] {
  const { risks, fitted } = options;
  const make = options.forecasting ?? ((trace, forecasting) => new ReplayedForecasts(trace, forecasting));
  const asked = risks.flatMap((risk) => [1 - risk, 1 - orderRisk(risk)]);
  const probabilities = [...new Set([...standardProbabilities, ...asked])].sort((a, b) => a - b);
  const forecasting: ForecastingOptions = {
    family: options.family ?? 'boosted',
    anchor: 'last-value',
    probabilities,
    seed: options.seed ?? 1,
    ...(fitted === undefined ? {} : { fitted }),
  };
  // One category at a time: its forecasts are dropped when the next one begins.
  let current: { trace: JudgedTrace; forecasts: ReplayedForecasts } | null = null;
  const forecastsOf = (trace: JudgedTrace) => {
    if (current?.trace !== trace) current = { trace, forecasts: make(trace, forecasting) };
    return current.forecasts;
  };
  return risks.map((risk) => ({
    name: 'pam',
    knob: `${risk}`,
    risk,
    probabilities,
    start: (trace) => pamDecider(trace, forecastsOf(trace), probabilities, risk, options.scaleDownHoldMs),
  }));
}

function pamDecider(
  trace: JudgedTrace,
  forecasts: ReplayedForecasts,
  probabilities: readonly number[],
  risk: number,
  holdMs: number | 'auto' = 'auto',
): ReturnType<Policy['start']> {
  const { clock } = trace.series;
  const holdMsAt =
    holdMs === 'auto' ? chosenHolds(trace, forecasts, probabilities, risk) : (_: DecisionView) => holdMs;
  // Newest last.
  const required: number[] = [];
  return {
    async decide(view) {
      const { bin, past, planned } = view;
      const peak = await forecasts.at({ bin, past });
      const last = past.counts.at(-1) ?? Number.NaN;
      const heldMs = holdMsAt(view);
      // The decisions before this one whose nodes are still held; the one being made is not among them.
      const heldFrom = Math.max(0, required.length + 1 - holdBinsOf(heldMs, clock.binMs));
      const plan = decide({
        peakDemand: peak === null ? null : peakAtRisk({ peak }, probabilities, risk),
        orderDemand: peak === null ? null : peakAtRisk({ peak }, probabilities, orderRisk(risk)),
        lastDemand: Number.isNaN(last) ? null : last,
        requestsPerNodeBin: trace.requestsPerNodeBin,
        provisioned: planned ?? unbounded.initial,
        previousPlanned: planned,
        recentRequired: required.slice(heldFrom),
        holdMs: heldMs,
        headroom: 0,
        nodes: unbounded,
        override: null,
        paused: false,
      });
      required.push(plan.required);
      return peak === null ? { nodes: plan.planned } : { nodes: plan.planned, peak };
    },
  };
}

/** The hold of each decision, ms: reviewed once a day, as at a training in production, on the decisions before. */
function chosenHolds(
  { fromBin, leadBins, series: { clock } }: JudgedTrace,
  forecasts: ReplayedForecasts,
  probabilities: readonly number[],
  risk: number,
): (view: DecisionView) => number {
  let holdMs = defaultScaleDownHoldMs;
  return ({ bin, past }) => {
    const decided = bin - fromBin;
    if (decided % binsPerDay(clock) !== 0) return holdMs;
    const bins = Math.min(decided, holdEvidenceBins(clock));
    const choice = chooseHold({
      clock,
      counts: past.counts.slice(bin - bins, bin),
      forecasts: forecasts.made
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
