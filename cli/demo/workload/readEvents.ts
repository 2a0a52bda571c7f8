/** What `--calendar` names, a file or an address → its events; an address is read once. */
import { fetchUrl } from '../../../adapters/feeds/fetchUrl';
import type { DemandEvent } from '../../../core/events/event';
import { feedDefinition } from '../../../core/events/feed';
import { withCalendars } from '../../calendar/readCalendars';

/** Events that overlap [fromMs, toMs). Throws PamError, as files and feeds do. */
export async function readEvents(
  place: string,
  fromMs: number,
  toMs: number,
): Promise<readonly DemandEvent[]> {
  const window = { fromMs, toMs };
  if (!/^https?:\/\//i.test(place))
    return withCalendars(async (calendars) => (await calendars.file(place, window)).events);
  const feed = feedDefinition.parse({
    name: 'demo',
    type: 'calendar',
    url: place,
    categories: ['demo'],
    // Private addresses are allowed: whoever starts a demo is on this machine already.
    allowPrivate: true,
  });
  const content = await fetchUrl({ ...feed, url: place }, null);
  return withCalendars(
    async (calendars) => (await calendars.text(content?.text ?? '', { ...window, source: place })).events,
  );
}
