/** Whether a category should be trained now, and why, in words. */
import type { CategorySettings } from '../core/demand/category';
import type { DemandStore } from '../ports/demandStore';
import type { Incumbent } from './incumbents';

/** Fewer bins than this carry nothing beyond the last value. */
export const fewestBinsToTrain = 240;

/** null when there is no need; looks at the history's span only while there is no model. */
export async function trainingDue(
  { demand }: { demand: DemandStore },
  settings: CategorySettings,
  incumbent: Incumbent | null,
  originMs: number,
): Promise<string | null> {
  if (incumbent !== null) {
    const ageMs = originMs - incumbent.trainedToMs;
    return ageMs >= settings.day
      ? `the model has not seen the last ${Math.round(ageMs / settings.bin)} bins, more than a day of ${settings.day / settings.bin}`
      : null;
  }
  const span = await demand.span(settings.name);
  if (span === null) return null;
  const bins = Math.round((span.lastMs - span.firstMs) / settings.bin) + 1;
  return bins >= fewestBinsToTrain ? `no model yet and ${bins} bins of history` : null;
}
