/** What `--calendar` names, a file or an address → its events; an address is read once. */
import { readCalendar } from '../../../adapters/calendar/readCalendar';
import { readCalendarFile } from '../../../adapters/calendar/readCalendarFile';
import { createFeedSource } from '../../../adapters/feeds';
import type { DemandEvent } from '../../../core/events/event';
import { feedDefinition } from '../../../core/events/feed';

/** Events that overlap [fromMs, toMs). Throws PamError, as files and feeds do. */
export async function readEvents(
  place: string,
  fromMs: number,
  toMs: number,
): Promise<readonly DemandEvent[]> {
  if (!/^https?:\/\//i.test(place)) return (await readCalendarFile(place, { fromMs, toMs })).events;
  const feed = feedDefinition.parse({
    name: 'demo',
    type: 'calendar',
    url: place,
    categories: ['demo'],
    // Private addresses are allowed: whoever starts a demo is on this machine already.
    allowPrivate: true,
  });
  const content = await createFeedSource(readCalendar).fetch(feed, null);
  return readCalendar(content?.text ?? '', { fromMs, toMs, source: place }).events;
}
