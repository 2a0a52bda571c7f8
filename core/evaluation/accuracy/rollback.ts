/** How a promoted model has done in service, how the one before it did → whether to go back, and to what. */

/** Sums over decisions that have come true; losses are pinball losses of the lead-window peak, in requests per bin. */
export interface ServiceRecord {
  readonly decisions: number;
  readonly loss: number;
  /** Of the last value with its recent errors, at the same decisions. */
  readonly lastValueLoss: number;
}

export interface Rollback {
  readonly to: 'previous' | 'last-value';
  readonly reason: string;
}

/** Fewer decisions prove nothing: at an accepted risk of 1 % they hold two misses. */
export const decisionsToReview = 240;
/** Worse than the last value at all is worse than no model; worse than the one before by chance is not. */
const worseThanPrevious = 1.15;
const worseThanLastValue = 1.1;

/**
 * null: the model stays. Demand differs between the two times of service, so each model is measured in units of the last
 * value's loss at the same decisions, and the models are compared by that ratio. Where both lose to the last value, a
 * model of that family takes over.
 */
export function rollbackOf(promoted: ServiceRecord, previous: ServiceRecord | null): Rollback | null {
  const now = relativeLoss(promoted);
  if (now === null) return null;
  const before = previous === null ? null : relativeLoss(previous);
  const served = `over ${promoted.decisions} decisions in service its loss was ${now.toFixed(2)} of the last value's`;
  if (before !== null && now > before * worseThanPrevious && before < worseThanLastValue)
    return { to: 'previous', reason: `${served}; the model before it had ${before.toFixed(2)}` };
  if (now > worseThanLastValue) return { to: 'last-value', reason: `${served}; that is worse than no model` };
  return null;
}

function relativeLoss({ decisions, loss, lastValueLoss }: ServiceRecord): number | null {
  return decisions < decisionsToReview || lastValueLoss <= 0 ? null : loss / lastValueLoss;
}
