/** Feeds over HTTP and from files. The reader of documents, which runs them apart, is passed in. */
import { PamError } from '../../core/errors';
import type { FeedSource } from '../../ports/feedSource';
import { fetchFile } from './fetchFile';
import { fetchUrl } from './fetchUrl';

/** See adapters/reader. */
interface FeedReader {
  readFeed: FeedSource['read'];
}

export function createFeedSource(reader: FeedReader): FeedSource {
  return {
    fetch(definition, known, signal) {
      const { url, file } = definition;
      if (url !== undefined) return fetchUrl({ ...definition, url }, known, signal);
      if (file !== undefined) return fetchFile({ ...definition, file }, known);
      throw new PamError('INVALID_INPUT', `feed "${definition.name}" has neither "url" nor "file"`);
    },
    read: (definition, text, nowMs) => reader.readFeed(definition, text, nowMs),
  };
}
