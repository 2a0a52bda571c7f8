/** A trace file, or the stored history of the user's own categories → series and events to replay. */
import { readTraceFile } from '../../adapters/demand/files/readTraceFile';
import type { ImportField } from '../../core/demand/import/columns';
import { type DemandSeries, seriesEndMs } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { durationInWords } from '../../core/time/durationWords';
import { type Calendars, withCalendars } from '../calendar/readCalendars';
import { findDatabase } from '../connect/databaseUrl';

export interface ReplayedCategory {
  readonly name: string;
  readonly series: DemandSeries;
  readonly events: readonly DemandEvent[];
}

export interface ReplayedHistory {
  /** For people: the file, or "stored history". */
  readonly name: string;
  readonly categories: readonly ReplayedCategory[];
  readonly offsetMs: number;
}

export interface HistoryOptions {
  readonly trace: string | undefined;
  readonly calendars: readonly string[];
  readonly categories: readonly string[];
  readonly zone: string | undefined;
  readonly map: ReadonlyMap<ImportField, string>;
  readonly config: string | undefined;
  /** Gets what could not be read of a calendar. */
  readonly complain: (message: string) => void;
}

const dayMs = 86_400_000;
const yearMs = 366 * dayMs;
const defaultBinMs = 60_000;

export async function readHistory(options: HistoryOptions): Promise<ReplayedHistory> {
  const history = options.trace === undefined ? await stored(options) : await ofTrace(options, options.trace);
  if (options.calendars.length === 0) return history;
  const fromMs = Math.min(...history.categories.map(({ series }) => series.startMs));
  const toMs = Math.max(...history.categories.map(({ series }) => seriesEndMs(series)));
  const events = await withCalendars(async (calendars) => {
    const read = options.calendars.map((file) => calendarEvents(calendars, file, fromMs, toMs, options));
    return (await Promise.all(read)).flat();
  });
  return {
    ...history,
    categories: history.categories.map((category) => ({
      ...category,
      events: [...category.events, ...events],
    })),
  };
}

async function ofTrace(options: HistoryOptions, file: string): Promise<ReplayedHistory> {
  const { categories, offsetMs } = await readTraceFile(file, {
    ...(options.zone === undefined ? {} : { zone: options.zone }),
    categories: options.categories,
    map: options.map,
  });
  return {
    name: file,
    categories: [...categories].map(([name, series]) => ({ name, series, events: [] })),
    offsetMs,
  };
}

async function calendarEvents(
  calendars: Calendars,
  file: string,
  fromMs: number,
  toMs: number,
  { zone, complain }: HistoryOptions,
): Promise<DemandEvent[]> {
  const { events, problems } = await calendars.file(file, {
    fromMs: fromMs - yearMs,
    toMs: toMs + yearMs,
    ...(zone === undefined ? {} : { zone }),
  });
  for (const { line, reason } of problems) complain(`${file}${line > 0 ? `:${line}` : ''}: ${reason}`);
  if (!events.some(({ startMs, endMs }) => startMs < toMs && endMs > fromMs))
    complain(`${file}: none of its ${events.length} events is in the time of the trace`);
  return events;
}

/** The bins of every category, or of those named, that PAM has recorded or imported. */
async function stored({ config, categories: wanted }: HistoryOptions): Promise<ReplayedHistory> {
  // Heavy, and not needed for a file.
  const { openDatabase } = await import('../../adapters/postgres/index.js');
  const database = await openDatabase({ url: findDatabase(config, { reading: true }).url, poolSize: 2 });
  try {
    const known = (await database.categories.list()).map(({ settings }) => settings);
    const all = await database.demand.categories();
    const names = wanted.length > 0 ? wanted : all;
    const categories: ReplayedCategory[] = [];
    for (const name of names) {
      const span = await database.demand.span(name);
      if (span === null)
        throw new PamError(
          'NOT_FOUND',
          `no history of category "${name}" is stored; stored are: ${all.join(', ') || 'none'}`,
        );
      const settings = known.find((candidate) => candidate.name === name);
      // An imported category may not run yet; then its history is read in the bins that were imported.
      const binMs = settings?.binMs ?? (await database.demand.widestBinMs(name)) ?? defaultBinMs;
      const clock = { binMs, dayMs: settings?.dayMs ?? dayMs };
      const toMs = span.lastMs + clock.binMs;
      const fromMs = Math.floor(span.firstMs / clock.binMs) * clock.binMs;
      const series = await database.demand.series(name, clock, fromMs, toMs);
      const events = await database.events.between(name, fromMs, toMs + clock.dayMs);
      categories.push({ name, series, events });
    }
    if (categories.length === 0)
      throw new PamError(
        'NOT_FOUND',
        'no history is stored yet: import one with "pam import FILE", or replay a file with --trace FILE',
      );
    refuseMixedBins(categories);
    return { name: 'stored history', categories, offsetMs: 0 };
  } finally {
    await database.close();
  }
}

/** Costs are counted in bins, and bins of different widths can’t be added up. */
function refuseMixedBins(categories: readonly ReplayedCategory[]): void {
  const [first] = categories;
  const other = categories.find(({ series }) => series.clock.binMs !== first?.series.clock.binMs);
  if (first === undefined || other === undefined) return;
  const widthOf = ({ series }: ReplayedCategory) => durationInWords(series.clock.binMs);
  throw new PamError(
    'INVALID_INPUT',
    `"${first.name}" has bins of ${widthOf(first)}, "${other.name}" of ${widthOf(other)}: replay categories of one width at a time, with --category NAME`,
  );
}
