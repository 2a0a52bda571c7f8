/** Quantiles of the lead window's peak, and the accepted risk → the demand to keep nodes for and the one to order them for. */
import { orderRisk } from '../capacity/plan';
import { type PeakQuantiles, peakAtRisk } from '../forecasting/peakQuantile';

export interface DemandToPlanFor {
  /** Quantile at 1 − risk, requests per bin; null without a forecast. */
  readonly peakDemand: number | null;
  /** The same at the risk that new nodes are ordered at, see `orderRisk`. */
  readonly orderDemand: number | null;
}

export function demandToPlanFor(peak: PeakQuantiles | null, risk: number): DemandToPlanFor {
  return peak === null
    ? { peakDemand: null, orderDemand: null }
    : { peakDemand: peakAtRisk(peak, risk), orderDemand: peakAtRisk(peak, orderRisk(risk)) };
}
