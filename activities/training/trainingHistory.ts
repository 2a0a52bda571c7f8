/** What a model of a category is fitted on: its settings, its history up to now and the events known for it. */

import { holdMsInUse } from '../../core/capacity/hold';
import { leadBinsInUse } from '../../core/capacity/leadTime';
import type { CategorySettings } from '../../core/category/settings';
import { binStart } from '../../core/demand/clock';
import { type DemandSeries, measuredBins } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { fewestBinsToTrain, trainingDays } from '../../core/forecasting/trainingWindow';
import type { TrainingDependencies } from '../frame/dependencies';

export interface TrainingHistory {
  readonly settings: CategorySettings;
  readonly history: DemandSeries;
  readonly events: readonly DemandEvent[];
  /** The lead to fit and judge for: the one in use, the same for all activities of a training. */
  readonly leadBins: number;
  /** The scale-down hold to judge with, ms: the one in force, the same for all activities of a training. */
  readonly holdMs: number;
}

/**
 * `endMs`: end of the history; null for now, or, while the latest weeks hold too little to train on, for the end of what
 * was there before: imported history of years ago teaches the shape of a day until the category has its own. Throws
 * PamError NOT_FOUND for an unknown category, INVALID_DATA for one without any bin.
 */
export async function trainingHistory(
  {
    categories,
    demand,
    events,
    leadTimes,
    holds,
    now,
  }: Pick<TrainingDependencies, 'categories' | 'demand' | 'events' | 'leadTimes' | 'holds' | 'now'>,
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
  const clock = { binMs: settings.binMs, dayMs: settings.dayMs };
  const windowMs = trainingDays * settings.dayMs;
  const historyTo = (toMs: number) =>
    demand.series(category, clock, Math.max(binStart(clock, span.firstMs), toMs - windowMs), toMs);
  const nowMs = now();
  let toMs = binStart(clock, endMs ?? nowMs);
  let history = await historyTo(toMs);
  if (endMs === null && measuredBins(history) < fewestBinsToTrain) {
    const lastMs = await demand.lastBefore(category, toMs - windowMs);
    if (lastMs !== null) {
      toMs = binStart(clock, lastMs) + settings.binMs;
      history = await historyTo(toMs);
    }
  }
  // A training that a change of the lead calls for begins in the same bin; of years ago nothing is known.
  const knownMs = toMs + settings.binMs < nowMs - windowMs ? nowMs : toMs + settings.binMs;
  return {
    leadBins: leadBinsInUse(settings, await leadTimes.at(category, knownMs)),
    holdMs: holdMsInUse(settings, await holds.at(category, knownMs)),
    settings,
    history,
    events: await events.between(category, history.startMs, toMs + settings.dayMs),
  };
}
