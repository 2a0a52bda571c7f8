/** Feeds over HTTP and from files. The reader of calendars is passed in. */
import { PamError } from '../../core/errors';
import type { FeedSource } from '../../ports/feedSource';
import { fetchFile } from './fetchFile';
import { fetchUrl } from './fetchUrl';
import { type CalendarReader, readFeed } from './readFeed';

export type { CalendarReader } from './readFeed';

export function createFeedSource(readCalendar: CalendarReader): FeedSource {
  return {
    fetch(definition, known, signal) {
      const { url, file } = definition;
      if (url !== undefined) return fetchUrl({ ...definition, url }, known, signal);
      if (file !== undefined) return fetchFile({ ...definition, file }, known);
      throw new PamError('INVALID_INPUT', `feed "${definition.name}" has neither "url" nor "file"`);
    },
    read: (definition, text, nowMs) => readFeed(definition, text, nowMs, readCalendar),
  };
}
