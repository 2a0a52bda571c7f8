/**
 * What a model said at each decision, and the bins that came → whether the next decision distrusts it, for one accepted
 * risk. In service the scores come from the store; here the same scores are kept in memory.
 */
import { type ForecastTarget, type Outcome, scored } from '../core/evaluation/accuracy/accuracy';
import { distrustAt, type PeakLosses, trustBins } from '../core/evaluation/accuracy/trust';
import type { Quantiles } from '../core/forecasting/model';
import type { Distrust } from '../core/serving/distrust';
import type { ModelInService } from '../core/serving/modelInService';
import { probabilitiesFor } from '../core/serving/query';

interface Loss {
  readonly originMs: number;
  readonly loss: number;
  readonly baselineLoss: number | null;
}

export class TrustRecord {
  private modelId: string | null = null;
  private losses: Loss[] = [];
  private distrust: Distrust | null = null;
  /** Places of this risk's own probabilities among those that were forecast. */
  private readonly places: readonly number[];
  private readonly probabilities: readonly number[];

  constructor(
    private readonly risk: number,
    forecast: readonly number[],
  ) {
    this.probabilities = probabilitiesFor([risk]);
    this.places = this.probabilities.map((probability) => forecast.indexOf(probability));
  }

  /** The outcome of a decision; `baseline`: what the baseline would have said. */
  add(target: ForecastTarget, outcome: Outcome, baseline: Quantiles | null): void {
    if (target.modelId !== this.modelId) {
      this.modelId = target.modelId;
      this.losses = [];
    }
    const own = (quantiles: Quantiles) => this.places.map((place) => quantiles[place]!);
    const { loss, baselineLoss, originMs } = scored(
      { ...target, probabilities: this.probabilities, quantiles: own(target.quantiles) },
      outcome,
      baseline === null ? null : own(baseline),
      this.risk,
    );
    this.losses.push({ originMs, loss, baselineLoss });
    if (this.losses.length > 2 * trustBins) this.losses = this.losses.slice(-trustBins);
  }

  /** Decisions come in order. */
  async at(originMs: number, binMs: number, model: ModelInService | null): Promise<Distrust | null> {
    this.distrust = await distrustAt(originMs, binMs, model, this.distrust, async (modelId, fromMs, toMs) =>
      modelId === this.modelId
        ? sumOf(this.losses.filter((loss) => loss.originMs >= fromMs && loss.originMs < toMs))
        : null,
    );
    return this.distrust;
  }
}

function sumOf(losses: readonly Loss[]): PeakLosses | null {
  if (losses.length === 0) return null;
  const sums = { scores: losses.length, loss: 0, baselineLoss: 0 };
  for (const { loss, baselineLoss } of losses) {
    if (baselineLoss === null) continue;
    sums.loss += loss;
    sums.baselineLoss += baselineLoss;
  }
  return sums;
}
