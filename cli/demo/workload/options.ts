/**
 * Options of `pam demo` as a person writes them → the options of the play. Lists are `NAME=VALUE`, separated by
 * spaces.
 */
import { categoryName } from '../../../core/category/name';
import { PamError } from '../../../core/errors';
import { duration } from '../../../core/time/duration';
import { demoLeadBins, demoWarmUpBins } from '../../../simulation/workload/demoInput';

export interface DemoArguments {
  readonly trace?: readonly string[] | undefined;
  readonly calendar?: readonly string[] | undefined;
  readonly from?: readonly string[] | undefined;
  readonly minutes: number;
  readonly bin: string;
  readonly lead: number;
  readonly risk: number;
  readonly peakRate: number;
  readonly seed: number;
  readonly compareCalendar?: boolean | undefined;
}

export interface DemoOptions {
  /** One category per trace, by name; empty = the generated workload. */
  readonly traces: ReadonlyMap<string, string>;
  readonly calendars: ReadonlyMap<string, string>;
  /** Start of the window by name, as written; `everyone` for names without their own. */
  readonly from: ReadonlyMap<string, string>;
  readonly fromForAll: string | null;
  readonly minutes: number;
  readonly binMs: number;
  /** Lead time in bins: from an order to a node that takes traffic. */
  readonly leadBins: number;
  readonly risk: number;
  readonly peakRate: number;
  readonly seed: number;
  /** Plays each trace that has a calendar a second time, at the same time, without the calendar. */
  readonly compareCalendar: boolean;
}

/** Throws PamError INVALID_INPUT with the option and what would be right. */
export function demoOptions(given: DemoArguments): DemoOptions {
  const traces = pairs('--trace', given.trace, 'shop=trace.csv.gz');
  const calendars = pairs('--calendar', given.calendar, 'shop=events.ics');
  const starts = words(given.from);
  const forAll = starts.filter((start) => !start.includes('='));
  const from = pairs(
    '--from',
    starts.filter((start) => start.includes('=')),
    'shop=2026-03-02T08:00Z',
  );
  if (forAll.length > 1)
    throw invalid('--from', `${forAll.join(' ')}: expected one instant for all, or NAME=INSTANT each`);
  for (const [option, named] of [
    ['--calendar', calendars],
    ['--from', from],
  ] as const)
    for (const name of named.keys())
      if (!traces.has(name))
        throw invalid(
          option,
          `"${name}" is not the name of a trace; expected ${traces.size === 0 ? 'a --trace of that name too' : `one of ${[...traces.keys()].join(', ')}`}`,
        );
  if (traces.size === 0 && forAll.length > 0)
    throw invalid('--from', 'the generated workload has its own start; expected a --trace too');
  const bin = duration.safeParse(given.bin);
  if (!bin.success || bin.data < 1_000)
    throw invalid('--bin', `"${given.bin}": expected a duration of at least 1s, such as "3s"`);
  if (given.compareCalendar === true && calendars.size === 0)
    throw invalid('--compare-calendar', 'there is nothing to compare; expected a --calendar too');
  between('--minutes', given.minutes, 10, 1_440);
  if (!Number.isInteger(given.lead))
    throw invalid('--lead', `${given.lead}: expected whole bins, such as 15`);
  // The first nodes must exist before the evaluated window begins.
  between('--lead', given.lead, demoLeadBins, demoWarmUpBins);
  between('--peak-rate', given.peakRate, 1, 2_000);
  between('--risk', given.risk, 0.0001, 0.4999);
  return {
    traces,
    calendars,
    from,
    fromForAll: forAll[0] ?? null,
    minutes: given.minutes,
    binMs: bin.data,
    leadBins: given.lead,
    risk: given.risk,
    peakRate: given.peakRate,
    seed: given.seed,
    compareCalendar: given.compareCalendar === true,
  };
}

function words(given: readonly string[] | undefined): string[] {
  return (given ?? []).flatMap((text) => text.split(/\s+/)).filter((word) => word !== '');
}

function pairs(option: string, given: readonly string[] | undefined, example: string): Map<string, string> {
  const named = new Map<string, string>();
  for (const word of words(given)) {
    const at = word.indexOf('=');
    const name = word.slice(0, Math.max(0, at));
    const value = word.slice(at + 1);
    if (at < 1 || value === '') throw invalid(option, `"${word}": expected NAME=VALUE, such as ${example}`);
    const parsed = categoryName.safeParse(name);
    if (!parsed.success) throw invalid(option, `"${name}": ${parsed.error.issues[0]?.message ?? 'no name'}`);
    if (named.has(name)) throw invalid(option, `"${name}" is named twice; expected each name once`);
    named.set(name, value);
  }
  return named;
}

function between(option: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high))
    throw invalid(option, `${value}: expected a number from ${low} to ${high}`);
}

function invalid(option: string, what: string): PamError {
  return new PamError('INVALID_INPUT', `${option} ${what}`);
}
