/** What a model of a category is fitted on: its settings, its history up to now and the events known for it. */

import { leadBinsInUse } from '../core/capacity/leadTime';
import type { CategorySettings } from '../core/demand/category';
import { binStart } from '../core/demand/clock';
import type { DemandSeries } from '../core/demand/series';
import { PamError } from '../core/errors';
import type { DemandEvent } from '../core/events/event';
import { trainingDays } from '../core/forecasting/trainingWindow';
import type { TrainingDependencies } from './dependencies';

export interface TrainingHistory {
  readonly settings: CategorySettings;
  readonly history: DemandSeries;
  readonly events: readonly DemandEvent[];
  /** The lead to fit and judge for: the one in use, the same for all activities of a training. */
  readonly leadBins: number;
}

/** `endMs`: end of the history, null for now. Throws PamError NOT_FOUND for an unknown category, INVALID_DATA for one without any bin. */
export async function trainingHistory(
  {
    categories,
    demand,
    events,
    leads,
    now,
  }: Pick<TrainingDependencies, 'categories' | 'demand' | 'events' | 'leads' | 'now'>,
  category: string,
  endMs: number | null,
): Promise<TrainingHistory> {
  const record = await categories.get(category);
  if (record === null)
    throw new PamError(
      'NOT_FOUND',
      `category "${category}" is not registered: start its workflow "category:${category}" first`,
    );
  const { settings } = record;
  const span = await demand.span(category);
  if (span === null)
    throw new PamError(
      'INVALID_DATA',
      `category "${category}" has no stored demand: import its history with "pam import" or let it run`,
    );
  const clock = { binMs: settings.bin, dayMs: settings.day };
  const toMs = binStart(clock, endMs ?? now());
  const fromMs = Math.max(binStart(clock, span.firstMs), toMs - trainingDays * settings.day);
  return {
    // A training that a change of the lead calls for begins in the same bin.
    leadBins: leadBinsInUse(settings, await leads.at(category, toMs + settings.bin)),
    settings,
    history: await demand.series(category, clock, fromMs, toMs),
    events: await events.between(category, fromMs, toMs + settings.day),
  };
}
