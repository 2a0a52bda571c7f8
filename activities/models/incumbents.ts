/**
 * The models in use, one a category, kept loaded between ticks of this process. A worker that never saw a category
 * loads the stored model and lets it forecast the bins since its training, so that its calibration is as fresh as if
 * it had been there all the time.
 */
import { familyNamed } from '../../core/forecasting/families/families';
import type { Json } from '../../core/forecasting/model';
import type { ModelInService } from '../../core/serving/modelInService';
import type { ModelStore, StoredModel } from '../../ports/stores/forecasts/modelStore';

export class Incumbents {
  private readonly loaded = new Map<string, ModelInService>();

  constructor(private readonly models: Pick<ModelStore, 'incumbentId' | 'load'>) {}

  /** The category's incumbent; null when none was promoted yet. One cheap query when it is already loaded. */
  async of(category: string, binMs: number): Promise<ModelInService | null> {
    const id = await this.models.incumbentId(category);
    const known = this.loaded.get(category);
    if (id === null) {
      this.loaded.delete(category);
      return null;
    }
    if (known?.id === id) return known;
    const stored = await this.models.load(id);
    if (stored === null) return known ?? null;
    // The forecast from the end of its training is the first that it would have made in service.
    const incumbent = loadedModel(stored, binMs, stored.trainedToMs - binMs);
    this.loaded.set(category, incumbent);
    return incumbent;
  }
}

/** A stored model, ready to forecast. @param caughtUpToMs end of the bins that it has been replayed through. */
export function loadedModel(stored: StoredModel, binMs: number, caughtUpToMs: number): ModelInService {
  const { id, family, parameters, state, trainedFromMs, trainedToMs } = stored;
  return {
    id,
    family,
    trainedToMs,
    trainedBins: Math.round((trainedToMs - trainedFromMs) / binMs),
    leadBins: fittedLeadBins(parameters),
    model: familyNamed(family).load(state),
    caughtUpToMs,
  };
}

/** The lead that a model with these stored parameters was fitted for; null where that was not kept. */
export function fittedLeadBins(parameters: Json): number | null {
  const kept = parameters !== null && typeof parameters === 'object' && !Array.isArray(parameters);
  return kept && typeof parameters.leadBins === 'number' ? parameters.leadBins : null;
}
