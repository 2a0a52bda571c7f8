/** What is known of feeds → lines for people. */
import type { CategoryEvent } from '../../core/events/newsRules';
import { durationInWords } from '../../core/time/durationWords';
import { instantText } from '../../core/time/instantText';
import type { FeedRecord } from '../../ports/stores/events/feedStore';
import type { SyncEventsResult } from '../../workflows/contracts';
import { linesText } from '../text/lines';
import type { ScheduledFeed } from './feedSchedules';
import type { FeedTrial } from './tryFeed';

const shown = 20;

export function trialText(name: string, { bytes, reading, changes, compared }: FeedTrial): string {
  const lines = [
    `${name}: ${bytes} bytes, ${reading.events.length} events${compared ? '' : ' (no database to compare with: all of them are new)'}`,
    ...reading.problems
      .slice(0, shown)
      .map(({ line, reason }) => `  ${line > 0 ? `line ${line}: ` : ''}${reason}`),
    ...more(reading.problems.length, 'remarks'),
    ...section('would be added', changes.added),
    ...section('would change', changes.changed),
    ...section('would be called off', changes.withdrawn),
    ...section('no longer named, but kept because a part of the feed can’t be read', changes.spared),
    `  ${changes.unchanged} as before; nothing was stored`,
  ];
  return linesText(lines);
}

function section(title: string, entries: readonly CategoryEvent[]): string[] {
  if (entries.length === 0) return [];
  return [
    `  ${entries.length} ${title}:`,
    ...entries
      .slice(0, shown)
      .map(
        ({ category, event }) =>
          `    ${category}  ${instantText(event.startMs)}/${instantText(event.endMs)}  ${event.title} (${event.kind}${event.expectedUplift === undefined ? '' : `, × ${event.expectedUplift}`})`,
      ),
    ...more(entries.length, 'events'),
  ];
}

const more = (count: number, what: string) =>
  count > shown ? [`    … and ${count - shown} more ${what}`] : [];

export function resultText({ feed, summary, problems }: SyncEventsResult): string {
  return linesText([`${feed}: ${summary}`, ...problems.map((problem) => `  ${problem}`)]);
}

export function listText(feeds: readonly (ScheduledFeed & { readonly known: FeedRecord | null })[]): string {
  if (feeds.length === 0)
    return 'no feeds; add one: pam feed add matches --type calendar --url https://… --category football\n';
  const lines = feeds.flatMap(({ name, definition, paused, nextMs, known }) => {
    if (definition === null) return `${name}: its Schedule's input is no feed definition`;
    const touched = new Set([
      ...definition.categories,
      ...definition.rules.flatMap(({ categories }) => categories),
    ]);
    const state = [
      known?.lastOkMs == null ? 'not reached yet' : `reached ${instantText(known.lastOkMs)}`,
      ...(known?.lastChangeMs == null ? [] : [`changed ${instantText(known.lastChangeMs)}`]),
      paused ? 'paused' : nextMs === null ? 'no next reading' : `next ${instantText(nextMs)}`,
    ];
    const head = `${name}  ${definition.type} for ${touched.size === 0 ? 'the categories that it names' : [...touched].join(', ')}, every ${durationInWords(definition.every)}  ${definition.url ?? definition.file}`;
    return [
      head,
      `  ${state.join(', ')}`,
      ...(known?.lastError == null ? [] : [`  last reading failed: ${known.lastError}`]),
    ];
  });
  return linesText(lines);
}
