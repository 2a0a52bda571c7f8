/** The default windows of the scorecard: a folder of traces → one category after another, as each is judged. */
import { join } from 'node:path';
import { readCalendarFile } from '../adapters/calendar/readCalendarFile';
import { readTraceFile } from '../adapters/demand/files/readTraceFile';
import { seriesEndMs } from '../core/demand/series';
import type { DemandEvent } from '../core/events/event';
import { evaluatedTrace } from '../simulation/evaluatedTrace';
import type { EvaluatedTrace } from '../simulation/replay';

export interface EvaluatedWindow {
  readonly name: string;
  readonly file: string;
  readonly calendar?: string;
  /** Events that the models are not told of; figures are also taken inside them, to see what telling is worth. */
  readonly untold?: string;
  /** Judged from … to, ISO; without `from`: from the eighth day, without `to`: to the end. */
  readonly from?: string;
  readonly to?: string;
}

const matches = 'calendars/wc98_matches.ics';
const wc98 = { file: 'wc98_1min.csv.gz', from: '1998-06-10T00:00:00Z', to: '1998-07-12T00:00:00Z' };

export const evaluatedWindows: readonly EvaluatedWindow[] = [
  { name: 'wc98', calendar: matches, ...wc98 },
  { name: 'wc98 without calendar', untold: matches, ...wc98 },
  { name: 'clarknet', file: 'clarknet_1min.csv.gz', from: '1995-09-04T00:00:00-04:00' },
  { name: 'twitter2021', file: 'twitter2021_1min.csv.gz', from: '2021-08-08T00:00:00Z' },
  { name: 'servegen m-large', file: 'servegen_mlarge_clients_10min.csv.gz' },
  { name: 'servegen m-small', file: 'servegen_msmall_clients_10min.csv.gz' },
  { name: 'nab tweets', file: 'nab_tweets_5min.csv.gz' },
];

/** A subset that takes a minute: every code path, few bins. Its figures say nothing about the bars. */
export const fastWindows: readonly EvaluatedWindow[] = [
  { ...evaluatedWindows[0]!, from: '1998-07-08T00:00:00Z', to: '1998-07-09T00:00:00Z' },
  { ...evaluatedWindows[1]!, from: '1998-07-08T00:00:00Z', to: '1998-07-09T00:00:00Z' },
  { ...evaluatedWindows[2]!, from: '1995-09-09T00:00:00-04:00' },
  { ...evaluatedWindows[5]!, from: '2025-01-13T00:00:00Z' },
];

const historyDays = 7;

export interface ReadWindow {
  readonly traces: EvaluatedTrace[];
  /** What the calendar of the window knows, told or untold. */
  readonly occasions: readonly DemandEvent[];
}

/** Every category of a window, `leadMinutes` from an order to a node that takes traffic. Throws PamError. */
export async function readEvaluated(
  folder: string,
  window: EvaluatedWindow,
  leadMinutes: number,
): Promise<ReadWindow> {
  const { categories, offsetMs } = await readTraceFile(join(folder, window.file));
  const all = [...categories];
  const startMs = Math.min(...all.map(([, series]) => series.startMs));
  const endMs = Math.max(...all.map(([, series]) => seriesEndMs(series)));
  const instant = (iso: string | undefined, otherwise: number) =>
    iso === undefined ? otherwise : Date.parse(iso) - offsetMs;
  const calendar = window.calendar ?? window.untold;
  const occasions =
    calendar === undefined
      ? []
      : (await readCalendarFile(join(folder, calendar), { fromMs: startMs, toMs: endMs })).events.map(
          (event) => ({ ...event, startMs: event.startMs - offsetMs, endMs: event.endMs - offsetMs }),
        );
  const traces = all.map(([name, series]) =>
    evaluatedTrace(name, series, {
      fromMs: instant(window.from, startMs + historyDays * series.clock.dayMs),
      toMs: instant(window.to, endMs),
      leadMs: leadMinutes * 60_000,
      capacity: 'auto',
      events: window.calendar === undefined ? [] : occasions,
    }),
  );
  return { traces, occasions };
}
