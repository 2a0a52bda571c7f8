/**
 * A decision time → the numbers that a model may rest on, all relative to the present level, in logs; NaN = unknown.
 * The short past counts in bins, seasons in days of the category's clock. Reads nothing at or after the decision.
 */
import { binsPerDay } from '../../demand/clock';
import type { TargetWindow } from '../target';
import type { DemandView } from './demandView';
import { occasionNames, seasonNames, writeOccasions, writeSeason } from './earlierWindows';
import { eventFeatureNames } from './eventTimeline';

// biome-ignore format: one group of features a line
const recentNames = [
  'last1', 'last2', 'last3', 'last4', 'last6',
  'mean3', 'mean8', 'mean20', 'mean60', 'mean180',
  'slope3', 'slope6', 'slope15', 'slope45',
  'rough8', 'rough25', 'rough90',
  'max5', 'max15', 'max60', 'max240', 'min5', 'min15', 'min60',
  'dayLevel', 'absoluteLevel', 'stale',
  'timeOfDay', 'daySin', 'dayCos', 'dayOfWeek',
] as const;

export const featureNames: readonly string[] = [
  ...recentNames,
  ...seasonNames,
  ...eventFeatureNames,
  ...occasionNames,
];
export const featureCount = featureNames.length;

/** How many bins before a decision the features look at. */
export function featureReach(clockBinsPerDay: number): number {
  return 7 * clockBinsPerDay + 300;
}

/** Writes the features of a decision before bin `index` about `window` into `row`; `level` is the present level, log. */
export function writeFeatures(
  view: DemandView,
  index: number,
  window: TargetWindow,
  level: number,
  row: Float64Array,
): void {
  writeRecent(view, index, level, row);
  const seasons = recentNames.length;
  const events = seasons + seasonNames.length;
  writeSeason(view, index, window, level, row, seasons);
  const nearest = view.timeline.write(
    view.timeOf(index),
    view.timeOf(index + window.from),
    view.timeOf(index + window.to + 1),
    row,
    events,
  );
  writeOccasions(view, index, window, nearest, level, row, events + eventFeatureNames.length);
}

/** The part that does not depend on the window: the same for every target of one decision. */
function writeRecent(view: DemandView, index: number, level: number, row: Float64Array): void {
  const day = binsPerDay(view.series.clock);
  let column = 0;
  for (const lag of [1, 2, 3, 4, 6]) row[column++] = view.at(index - lag) - level;
  for (const span of [3, 8, 20, 60, 180]) row[column++] = view.mean(index - span, index) - level;
  for (const span of [3, 6, 15, 45])
    row[column++] = view.mean(index - span, index) - view.mean(index - 2 * span, index - span);
  for (const span of [8, 25, 90]) row[column++] = view.roughness(index - span, index);
  for (const span of [5, 15, 60, 240]) row[column++] = view.max(index - span, index) - level;
  for (const span of [5, 15, 60]) row[column++] = view.min(index - span, index) - level;
  row[column++] = level - sampledMean(view, index - day, index);
  row[column++] = level;
  row[column++] = view.staleness(index);
  const days = view.timeOf(index) / view.series.clock.dayMs;
  const phase = days - Math.floor(days);
  row[column++] = phase;
  row[column++] = Math.sin(2 * Math.PI * phase);
  row[column++] = Math.cos(2 * Math.PI * phase);
  row[column++] = ((Math.floor(days) % 7) + 7) % 7;
}

/** Mean log of up to 48 evenly spread bins of [from, to): a cheap level of the day. */
function sampledMean(view: DemandView, from: number, to: number): number {
  const step = Math.max(1, Math.floor((to - from) / 48));
  let sum = 0;
  let measured = 0;
  for (let index = to - 1; index >= from; index -= step) {
    const log = view.at(index);
    if (!Number.isNaN(log)) {
      sum += log;
      measured++;
    }
  }
  return measured === 0 ? Number.NaN : sum / measured;
}
