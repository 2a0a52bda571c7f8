/** The demo’s options → the workload: traces with their calendars and windows, or the generated one. */
import { basename } from 'node:path';
import { categoryName } from '../../../core/category/name';
import { binsPerDay } from '../../../core/demand/clock';
import { type DemandSeries, seriesEndMs } from '../../../core/demand/series';
import { PamError } from '../../../core/errors';
import type { DemandEvent } from '../../../core/events/event';
import { instantText } from '../../../core/time/instantText';
import { generatedWorkload, type WorkloadCategory } from '../../../simulation/workload/generatedWorkload';
import { steepestWindow } from '../../../simulation/workload/steepestWindow';
import type { DemoOptions } from './options';
import { instantOf, readTrace } from './readTrace';

export interface ChosenWorkload {
  readonly categories: readonly WorkloadCategory[];
  /** For people: the window that was chosen, and why. */
  readonly notes: readonly string[];
}

/** Least days of history before an automatically chosen window. */
const leastHistoryDays = 7;

export async function chooseWorkload(
  options: DemoOptions,
  warmUpBins: number,
  /** Events of a calendar, a file or an address, that overlap [fromMs, toMs). */
  readCalendar: (place: string, fromMs: number, toMs: number) => Promise<readonly DemandEvent[]>,
): Promise<ChosenWorkload> {
  if (options.traces.size === 0)
    return {
      categories: generatedWorkload(options.seed, options.minutes),
      notes: [
        `The workload is generated (seed ${options.seed}): checkout, search, reports. Real traces: --trace NAME=FILE.`,
      ],
    };
  const categories: WorkloadCategory[] = [];
  const notes: string[] = [];
  for (const [name, file] of options.traces) {
    const series = await readTrace(file);
    const calendar = options.calendars.get(name);
    const { fromMs, why } = startOf(name, series, options, warmUpBins);
    notes.push(`${name}: ${basename(file)} from ${instantText(fromMs)}, ${why}`);
    const category = {
      name,
      origin: basename(file),
      series,
      events: calendar === undefined ? [] : await readCalendar(calendar, series.startMs, seriesEndMs(series)),
      fromMs,
    };
    categories.push(category);
    if (options.compareCalendar && calendar !== undefined) {
      categories.push({ ...category, name: twinName(name, options), twinOf: name });
      notes.push(`${twinName(name, options)}: the same trace at the same time, without its calendar`);
    }
  }
  return { categories, notes };
}

function twinName(name: string, { traces }: DemoOptions): string {
  const twin = categoryName.safeParse(`${name}-uninformed`);
  if (!twin.success || traces.has(twin.data))
    throw new PamError(
      'INVALID_INPUT',
      `--compare-calendar: "${name}" is played a second time as "${name}-uninformed"; expected a shorter --trace name: the second name must have at most 40 characters and must be free`,
    );
  return twin.data;
}

function startOf(
  name: string,
  series: DemandSeries,
  options: DemoOptions,
  warmUpBins: number,
): { fromMs: number; why: string } {
  const { binMs } = series.clock;
  const asked = options.from.get(name) ?? options.fromForAll;
  if (asked !== null) {
    const fromMs = instantOf(asked);
    if (Number.isNaN(fromMs))
      throw new PamError(
        'INVALID_INPUT',
        `--from "${asked}" of ${name}: expected an ISO 8601 time, such as 2026-03-02T08:00Z`,
      );
    return { fromMs: Math.floor(fromMs / binMs) * binMs, why: 'as given' };
  }
  const window = steepestWindow(series, {
    bins: Math.round((options.minutes * 60_000) / binMs),
    warmUpBins,
    historyBins: leastHistoryDays * binsPerDay(series.clock),
  });
  return {
    fromMs: window.fromMs,
    why: `the steepest gradual ramp after ${leastHistoryDays} days of history: × ${window.rise.toFixed(2)} in 30 bins, at most × ${window.jump.toFixed(2)} from five bins to the next five`,
  };
}
