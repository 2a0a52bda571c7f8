/**
 * A regression of its own for every slot ahead: its demand relative to the last day's level, from the same slot on the
 * days and weeks before and from how today goes. Rows from the same time of day count most.
 */
import { PamError } from '../../../errors';
import { dot, RidgeSums } from '../../../statistics/ridge';
import type { Json } from '../../model';
import type { PathMethod, PathModel, SlotSeries } from './seasonalPaths';

const ridge = 1;
/** Weight of a row: e^(−hours between its time of day and the decision's ÷ 3) × ½^(days ÷ 21); less than 0.02 is left out. */
const nearHours = 3;
const halfLifeDays = 21;
const leastWeight = 0.02;
const rowsPerCoefficient = 3;
/** Days from which the last week, and from which the week before it, have rows to learn from. */
const weekDays = 17;
const twoWeekDays = 24;

/** `weekly`: with the same slot a week ago; without, the days alone decide. */
export function directRegression(weekly: boolean): PathMethod {
  return {
    name: weekly ? 'direct-week' : 'direct-day',
    fewestDays: weekly ? weekDays : 6,
    fit(series, ahead) {
      const { values, slotsPerDay } = series;
      const days = values.length / slotsPerDay;
      const weeks = !weekly ? 0 : days >= twoWeekDays ? 2 : 1;
      const sums = cumulative(values);
      const steps: Float64Array[] = [];
      for (let step = 0; step < ahead; step++) steps.push(fitStep(values, sums, slotsPerDay, step, weeks));
      return new DirectRegression(weeks, slotsPerDay, steps);
    },
    load(state) {
      const { weeks, slotsPerDay, steps } = state as {
        weeks: number;
        slotsPerDay: number;
        steps: number[][];
      };
      return new DirectRegression(
        weeks,
        slotsPerDay,
        steps.map((step) => Float64Array.from(step)),
      );
    },
  };
}

const sizes = [6, 10, 11] as const;

/** Sums of the values before each index. */
function cumulative(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let index = 0; index < values.length; index++) sums[index + 1] = sums[index]! + values[index]!;
  return sums;
}

/** Writes what is known at `origin` of the slot `step` after it; the level that it is relative to, a day's mean. */
function writeRow(
  values: Float64Array,
  sums: Float64Array,
  day: number,
  origin: number,
  step: number,
  weeks: number,
  row: Float64Array,
): number {
  const mean = (from: number, to: number) => (sums[to]! - sums[from]!) / (to - from);
  const level = mean(origin - day, origin);
  const daysAgo = (days: number) => values[origin + step - days * day]! - level;
  const nearest = Math.ceil((step + 1) / day);
  const short = Math.max(1, Math.round(day / 8));
  row[0] = 1;
  row[1] = daysAgo(nearest);
  row[2] = daysAgo(nearest + 1);
  row[3] = values[origin - 1]! - values[origin - 1 - day]!;
  row[4] = mean(origin - short, origin) - mean(origin - short - day, origin - day);
  row[5] = level - mean(origin - 2 * day, origin - day);
  if (weeks === 0) return level;
  const week = Math.ceil((step + 1) / (7 * day)) * 7;
  row[6] = daysAgo(week);
  row[7] = level - mean(origin - 8 * day, origin - 7 * day);
  row[8] = mean(origin - 7 * day, origin) - level;
  row[9] = daysAgo(nearest + 2);
  if (weeks === 2) row[10] = daysAgo(week + 7);
  return level;
}

function fitStep(
  values: Float64Array,
  sums: Float64Array,
  day: number,
  step: number,
  weeks: number,
): Float64Array {
  const end = values.length;
  const regression = new RidgeSums(sizes[weeks]!);
  const row = new Float64Array(regression.size);
  const first = Math.max(
    (weeks === 0 ? 3 : 1 + 7 * weeks) * day + 1,
    (Math.ceil((step + 1) / day) + 3) * day,
  );
  for (let origin = end - step - 1; origin >= first; origin--) {
    const phase = (end - origin) % day;
    const hours = (24 * Math.min(phase, day - phase)) / day;
    const weight = Math.exp(-hours / nearHours) * 0.5 ** ((end - origin) / (halfLifeDays * day));
    if (weight < leastWeight) continue;
    const level = writeRow(values, sums, day, origin, step, weeks, row);
    regression.add(row, values[origin + step]! - level, weight);
  }
  if (regression.rows < rowsPerCoefficient * regression.size)
    throw new PamError(
      'INVALID_DATA',
      `a regression of ${regression.size} coefficients has ${regression.rows} rows`,
    );
  return regression.solve(ridge);
}

class DirectRegression implements PathModel {
  constructor(
    private readonly weeks: number,
    private readonly slotsPerDay: number,
    private readonly steps: readonly Float64Array[],
  ) {}

  path({ values }: SlotSeries, ahead: number): Float64Array {
    const sums = cumulative(values);
    const row = new Float64Array(sizes[this.weeks]!);
    return Float64Array.from({ length: ahead }, (_, step) => {
      const level = writeRow(values, sums, this.slotsPerDay, values.length, step, this.weeks, row);
      return level + dot(row, this.steps[Math.min(step, this.steps.length - 1)]!);
    });
  }

  serialize(): Json {
    return { weeks: this.weeks, slotsPerDay: this.slotsPerDay, steps: this.steps.map((step) => [...step]) };
  }
}
