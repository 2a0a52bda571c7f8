/** PAM itself: forecast of the lead window's peak, its quantile at the accepted risk, and the decision of production. */
import { decide } from '../../core/capacity/decide';
import { defaultScaleDownHoldMs, orderRisk } from '../../core/capacity/plan';
import { standardProbabilities } from '../../core/forecasting/model';
import { peakAtRisk } from '../../core/forecasting/peakQuantile';
import { type ForecastingOptions, ReplayedForecasts } from '../forecasts';
import type { JudgedTrace, Policy } from '../replay';

export interface PamOptions {
  /** Accepted risks; one policy each, all on the same forecasts. */
  readonly risks: readonly number[];
  /** Family of models; "boosted" is what production ships with. */
  readonly family?: string;
  readonly seed?: number;
  /** Nodes are given up only when fewer were required for this long. */
  readonly scaleDownHoldMs?: number;
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
  holdMs = defaultScaleDownHoldMs,
): ReturnType<Policy['start']> {
  // The decisions before this one whose nodes are still held; the one being made is not among them.
  const holdBins = Math.max(0, Math.ceil(holdMs / trace.series.clock.binMs) - 1);
  const recentRequired: number[] = [];
  return {
    async decide({ bin, past, planned }) {
      const peak = await forecasts.at({ bin, past });
      const last = past.counts.at(-1) ?? Number.NaN;
      const plan = decide({
        peakDemand: peak === null ? null : peakAtRisk({ peak }, probabilities, risk),
        orderDemand: peak === null ? null : peakAtRisk({ peak }, probabilities, orderRisk(risk)),
        lastDemand: Number.isNaN(last) ? null : last,
        requestsPerNode: trace.requestsPerNode,
        provisioned: planned ?? unbounded.initial,
        previousPlanned: planned,
        recentRequired,
        headroom: 0,
        nodes: unbounded,
        override: null,
        paused: false,
      });
      recentRequired.push(plan.required);
      if (recentRequired.length > holdBins) recentRequired.shift();
      return peak === null ? { nodes: plan.planned } : { nodes: plan.planned, peak };
    },
  };
}
