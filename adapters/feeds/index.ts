/** Feeds over HTTP and from files. The reader of documents, which runs them apart, is passed in. */
import { PamError } from '../../core/errors';
import type { Policy } from '../../core/policy/schema';
import type { FeedSource } from '../../ports/feedSource';
import { fetchFile } from './fetchFile';
import { fetchUrl } from './fetchUrl';

/** See adapters/reader. */
interface FeedReader {
  readFeed: FeedSource['read'];
}

/** @param policy of the worker that reads; absent: a person reads a feed in their own process. */
export function createFeedSource(reader: FeedReader, policy?: Policy): FeedSource {
  return {
    fetch(definition, known, signal) {
      const { url, file } = definition;
      if (url !== undefined) return fetchUrl({ ...definition, url }, known, signal, policy);
      if (file !== undefined) return fetchFile({ ...definition, file }, known, policy);
      throw new PamError('INVALID_INPUT', `feed "${definition.name}" has neither "url" nor "file"`);
    },
    read: (definition, text, nowMs) => reader.readFeed(definition, text, nowMs),
  };
}
