/**
 * How a model's forecasts have done lately beside the baseline's → whether the baseline is used in its stead. It comes and
 * goes by itself, with different thresholds for the two, so that it does not flutter. The model goes on forecasting
 * meanwhile, and its unused forecasts are scored.
 */
import { baselineFamily } from '../../serving/baseline';
import type { Distrust } from '../../serving/distrust';
import type { ScoreSums } from './accuracy';

/** The latest decisions that count: on real traces shorter spans take bad luck for a bad model. */
export const trustBins = 480;
const fewestScores = 240;
/** Loss ÷ that of the baseline: above the first a model is distrusted, below the second trusted again. */
const distrustAbove = 1.2;
const trustBelow = 1;

/** What is looked at of the scores of the lead window's peak. */
export type PeakLosses = Pick<ScoreSums, 'scores' | 'loss' | 'baselineLoss'>;

/** `peak`: sums over the decisions of the last `trustBins` bins; null = there are none. */
export function trustOf(
  before: Distrust | null,
  modelId: string,
  peak: PeakLosses | null,
  nowMs: number,
): Distrust | null {
  if (peak === null || peak.baselineLoss <= 0 || peak.scores < fewestScores) return before;
  const lossRatio = peak.loss / peak.baselineLoss;
  if (before !== null) return lossRatio < trustBelow ? null : before;
  return lossRatio > distrustAbove
    ? {
        modelId,
        sinceMs: nowMs,
        reason: `over ${peak.scores} decisions the loss of the model was ${lossRatio.toFixed(2)} times that of the last value`,
      }
    : null;
}

/**
 * Whether the model in service is distrusted at a decision. Distrust of another model says nothing of this one, and the
 * baseline itself is never distrusted.
 * @param lossesBetween sums over the model's decisions in [fromMs, toMs).
 */
export async function distrustAt(
  originMs: number,
  binMs: number,
  model: { readonly id: string; readonly family: string } | null,
  before: Distrust | null,
  lossesBetween: (modelId: string, fromMs: number, toMs: number) => Promise<PeakLosses | null>,
): Promise<Distrust | null> {
  if (model === null || model.family === baselineFamily) return null;
  const losses = await lossesBetween(model.id, originMs - trustBins * binMs, originMs);
  return trustOf(before?.modelId === model.id ? before : null, model.id, losses, originMs);
}
