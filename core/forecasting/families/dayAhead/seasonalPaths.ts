/**
 * Ways to continue evenly spaced logs by their seasons, each cheap and good at something else: repetition, and a profile
 * of the week moved by the present level. What they share is declared here; regressions are files of their own.
 */
import { slotMeans } from '../../features/evenLogs';
import type { Json } from '../../model';
import { smoothedTrend } from './smoothedTrend';

/** Logs without gaps, of `slotsPerDay` slots a day; `firstSlot` is the first one's position in a week of the epoch. */
export interface SlotSeries {
  readonly values: Float64Array;
  readonly slotsPerDay: number;
  readonly firstSlot: number;
}

/** What a method has learned; plain data and arithmetic. */
export interface PathModel {
  /** The `ahead` slots after the series, which may have gone on since the fit. */
  path(series: SlotSeries, ahead: number): Float64Array;
  serialize(): Json;
}

export interface PathMethod {
  readonly name: string;
  /** Days of history below which the method is left out. */
  readonly fewestDays: number;
  /** `ahead`: slots that will be asked for. Throws PamError INVALID_DATA where the series can't carry it. */
  fit(series: SlotSeries, ahead: number): PathModel | Promise<PathModel>;
  load(state: Json): PathModel;
}

/** Days from which a week is a season. */
export const weeklyDays = 14;

export function seasonSlots({ values, slotsPerDay }: SlotSeries): number {
  return values.length >= weeklyDays * slotsPerDay ? 7 * slotsPerDay : slotsPerDay;
}

/** A method without anything to learn. */
function untaught(name: string, fewestDays: number, path: PathModel['path']): PathMethod {
  const model: PathModel = { path, serialize: () => null };
  return { name, fewestDays, fit: () => model, load: () => model };
}

/** The last day, or the last week, again. */
export function repetition(days: 1 | 7): PathMethod {
  return untaught(days === 1 ? 'day-again' : 'week-again', days, ({ values, slotsPerDay }, ahead) => {
    const period = days * slotsPerDay;
    return Float64Array.from({ length: ahead }, (_, step) => values.at((step % period) - period)!);
  });
}

/** Hours that the present deviation is averaged over, and its share that is left an hour later. */
const nearHours = 3;
const nearKeep = 0.9;
/** Share of the last day's deviation that is assumed to last. */
const lastingShare = 0.8;

/** Weight that a season keeps in the profile one season later. */
const seasonKeep = 0.7;

/** Weighted mean of each slot of the season, moved by the last day's deviation and, fading, by that of the last hours. */
export const dampedProfile: PathMethod = untaught('damped-profile', 2, (series, ahead) => {
  const { values, slotsPerDay } = series;
  const season = seasonSlots(series);
  const end = values.length;
  const sums = new Float64Array(season);
  const weights = new Float64Array(season);
  const slotOf = (index: number) => (((index - end) % season) + season) % season;
  for (let index = 0; index < end; index++) {
    const weight = seasonKeep ** Math.floor((end - 1 - index) / season);
    sums[slotOf(index)]! += weight * values[index]!;
    weights[slotOf(index)]! += weight;
  }
  const profile = sums.map((sum, slot) => sum / weights[slot]!);
  const hour = slotsPerDay / 24;
  let near = 0;
  let total = 0;
  let day = 0;
  const daySlots = Math.min(slotsPerDay, end);
  for (let back = 1; back <= daySlots; back++) {
    const deviation = values[end - back]! - profile[slotOf(end - back)]!;
    const weight = Math.exp(-(back - 1) / (nearHours * hour));
    near += weight * deviation;
    total += weight;
    day += deviation / daySlots;
  }
  const lasting = lastingShare * day;
  return Float64Array.from(
    { length: ahead },
    (_, step) =>
      profile[step % season]! + lasting + (near / total - lasting) * nearKeep ** ((step + 1) / hour),
  );
});

/** The usual day or week, and exponential smoothing of what is left without it: the trend goes on. */
export const smoothedProfile: PathMethod = untaught('smoothed-profile', 2, (series, ahead) => {
  const { values } = series;
  const season = seasonSlots(series);
  const usual = slotMeans(values, season);
  const rest = values.map((value, index) => value - usual[index % season]!);
  return smoothedTrend(rest, ahead).map((level, step) => level + usual[(values.length + step) % season]!);
});
