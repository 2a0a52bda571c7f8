import { readCalendar } from '../../../adapters/calendar/readCalendar';
import { writeCalendar } from '../../../adapters/calendar/writeCalendar';
import type { DemandEvent } from '../../../core/events/event';

test('what is written is read back as the same events, whatever is in their titles', () => {
  const at = Date.UTC(2026, 6, 3, 14, 30);
  const events: DemandEvent[] = [
    {
      id: 'M-1998-57@worldcup',
      kind: 'quarter-finals',
      title:
        'Italy vs France; "extra, time" \\ Saint-Denis – a title that is longer than one line may be: żółć, 東京',
      startMs: at,
      endMs: at + 7_000,
      source: 'feed:demo',
    },
    {
      id: 'sale,1;x',
      kind: 'winter sale',
      title: 'Sale\nof shoes',
      startMs: at + 60_000,
      endMs: at + 61_000,
      expectedUplift: 2.5,
      source: 'feed:demo',
    },
  ];
  const text = writeCalendar(events, at);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
  const { events: read, problems } = readCalendar(text, {
    fromMs: at - 1e9,
    toMs: at + 1e9,
    source: 'feed:demo',
  });
  expect(problems).toEqual([]);
  expect(read).toEqual(events);
});
