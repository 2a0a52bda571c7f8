/**
 * How a model's forecasts have done lately beside the last value's → whether the last value is used in its stead. It
 * comes and goes by itself, with different thresholds for the two, so that it does not flutter; the model goes on
 * forecasting meanwhile, and is judged by what it would have said.
 */
import { type AccuracyFigures, figuresOf, type ScoreSums } from './accuracy';

/** The latest decisions that count: on real traces shorter spans take bad luck for a bad model. */
export const trustBins = 480;
const fewestScores = 240;
/** Loss ÷ that of the last value: above the first a model is distrusted, below the second trusted again. */
const distrustAbove = 1.2;
const trustBelow = 1;

export interface Distrust {
  readonly modelId: string;
  readonly sinceMs: number;
  /** In a sentence without its end. */
  readonly reason: string;
}

/** `peak`: sums over the scores of the lead-window peak in the last `trustBins` bins; null = there are none. */
export function trustOf(
  before: Distrust | null,
  modelId: string,
  peak: ScoreSums | null,
  nowMs: number,
): Distrust | null {
  const figures: AccuracyFigures | null = peak === null ? null : figuresOf(peak);
  if (figures === null || figures.lossRatio === null || figures.scores < fewestScores) return before;
  const { lossRatio, scores } = figures;
  if (before !== null) return lossRatio < trustBelow ? null : before;
  return lossRatio > distrustAbove
    ? {
        modelId,
        sinceMs: nowMs,
        reason: `over ${scores} decisions the loss of the model was ${lossRatio.toFixed(2)} times that of the last value`,
      }
    : null;
}
