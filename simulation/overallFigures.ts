/** Forecast figures of categories → those of the trace, each category in units of its own node as in the scorecard. */
import type { ForecastFigures } from './forecastFigures';

export interface OverallFigures {
  readonly model: string;
  readonly horizonBins: number;
  readonly categories: number;
  readonly forecasts: number;
  /** Σ error ÷ Σ error of the references. */
  readonly errorRatio: number | null;
  readonly quantiles: readonly {
    readonly probability: number;
    readonly lossRatio: number | null;
    readonly coverage: number | null;
  }[];
  /** Means of a fit and of a forecast, ms. */
  readonly fitMs: number;
  readonly predictMs: number;
}

/** `figures` of one model and horizon; `requestsPerNodeBin` of each one's category. Null without any. */
export function overallFigures(
  figures: readonly ForecastFigures[],
  requestsPerNodeBin: (category: string) => number,
): OverallFigures | null {
  const [first] = figures;
  if (first === undefined) return null;
  const sum = (part: (one: ForecastFigures) => number) =>
    figures.reduce((total, one) => total + part(one), 0);
  const inNodes = (one: ForecastFigures, mean: number | null) =>
    ((mean ?? 0) * one.forecasts) / requestsPerNodeBin(one.category);
  const ratio = (above: number, below: number) => (below > 0 ? above / below : null);
  const forecasts = sum((one) => one.forecasts);
  const fits = sum((one) => one.fits);
  return {
    model: first.model,
    horizonBins: first.horizonBins,
    categories: figures.length,
    forecasts,
    errorRatio: ratio(
      sum((one) => inNodes(one, one.meanAbsoluteError)),
      sum((one) => inNodes(one, one.referenceError)),
    ),
    quantiles: first.quantiles.map(({ probability }, which) => ({
      probability,
      lossRatio: ratio(
        sum((one) => inNodes(one, one.quantiles[which]!.loss)),
        sum((one) => inNodes(one, one.quantiles[which]!.referenceLoss)),
      ),
      coverage: ratio(
        sum((one) => (one.quantiles[which]!.coverage ?? 0) * one.forecasts),
        forecasts,
      ),
    })),
    fitMs: fits === 0 ? 0 : sum((one) => one.fitMs * one.fits) / fits,
    predictMs: forecasts === 0 ? 0 : sum((one) => one.predictMs * one.forecasts) / forecasts,
  };
}
