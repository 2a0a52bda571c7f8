/**
 * Work with the calendar library → its result, or LimitExceeded if rules take more steps than allowed. The library
 * follows a rule that no date fulfils for ever (`FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31`), also those of time zones.
 */
import { LimitExceeded } from '../../core/events/readingLimits';
import { ical } from './ical';

/** Days that the library goes on by at the cost of one step. */
const daysOfAStep = 16;

/** A rule without a date for this long has none: a day costs about a step, so these are more than a hundred years. */
const stepsToADate = 50_000;

let left = Number.POSITIVE_INFINITY;
let allowed = Number.POSITIVE_INFINITY;
let leftToADate = Number.POSITIVE_INFINITY;

/** `work` must not wait: the count is one of the process. */
export function withSteps<Result>(steps: number, work: () => Result): Result {
  const before = { left, allowed };
  left = steps;
  allowed = steps;
  try {
    return work();
  } finally {
    ({ left, allowed } = before);
  }
}

/** Each call of `next` gives one more date of a rule. What it gives is passed on. */
export function toTheNextDate<Result>(next: () => Result): Result {
  spendSteps(1);
  leftToADate = stepsToADate;
  try {
    return next();
  } finally {
    leftToADate = Number.POSITIVE_INFINITY;
  }
}

export function spendSteps(steps: number): void {
  left -= steps;
  leftToADate -= steps;
  if (leftToADate < 0)
    throw new LimitExceeded(`its rule finds no further date within ${stepsToADate} steps (limit: steps)`);
  if (left < 0)
    throw new LimitExceeded(`its rule takes more than ${allowed} steps through the calendar (limit: steps)`);
}

type Method = (this: unknown, ...values: unknown[]) => unknown;

/** Every loop of the library's iterator goes through one of these: a day or a week costs about a step. */
const counted: Readonly<Record<string, (first: unknown) => number>> = {
  next_generic: () => 0.25,
  next_weekday_by_week: () => 0.5,
  increment_monthday: (days) => 0.25 + Number(days) / daysOfAStep,
  increment_month: () => 1,
  increment_year: () => 1,
  normalizeByMonthDayRules: () => 1,
  // A year of days.
  expand_year_days: () => 20,
  expand_by_day: () => 20,
};

const iterator = ical.RecurIterator.prototype as unknown as Record<string, Method>;
for (const [name, cost] of Object.entries(counted)) {
  const method = iterator[name];
  if (method === undefined) throw new Error(`the calendar library's iterator has no "${name}"`);
  iterator[name] = function (...values) {
    spendSteps(cost(values[0]));
    return method.apply(this, values);
  };
}
