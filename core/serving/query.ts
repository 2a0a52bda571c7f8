/** The settings of a category and the lead in use → what its models are fitted for, and what is asked of them. */
import { orderRisk } from '../capacity/plan';
import { type BinClock, binsIn } from '../demand/clock';
import { type FitOptions, type ForecastQuery, standardProbabilities } from '../forecasting/model';

export interface AskingSettings extends BinClock {
  readonly horizonsMs: readonly number[];
  /** The accepted one. */
  readonly risk: number;
  readonly seed: number;
}

export function horizonBinsOf(settings: Pick<AskingSettings, 'horizonsMs' | 'binMs' | 'dayMs'>): number[] {
  return settings.horizonsMs.map((horizonMs) => binsIn(settings, horizonMs));
}

/** Ascending: those that every forecast has, and for each accepted risk the two that a plan is made from. */
export function probabilitiesFor(risks: readonly number[]): number[] {
  const planned = risks.flatMap((risk) => [1 - risk, 1 - orderRisk(risk)]);
  return [...new Set([...standardProbabilities, ...planned])].sort((a, b) => a - b);
}

export function queryOf(settings: AskingSettings, leadBins: number): ForecastQuery {
  return {
    horizonBins: horizonBinsOf(settings),
    leadBins,
    probabilities: probabilitiesFor([settings.risk]),
  };
}

export function fitOptionsOf(settings: AskingSettings, leadBins: number): FitOptions {
  return { leadBins, horizonBins: horizonBinsOf(settings), seed: settings.seed };
}
