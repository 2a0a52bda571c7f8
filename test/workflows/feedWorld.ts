/** A scripted world whose demand follows known events, with real activities for feeds over stores in memory. */
import { createFeedActivities } from '../../activities/createActivities';
import { readCalendar } from '../../adapters/calendar/readCalendar';
import { readFeed } from '../../adapters/feeds/readFeed';
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import type { FeedDefinition } from '../../core/events/feed';
import type { StoredEvent } from '../../core/events/feedChanges';
import type { FeedStore } from '../../ports/stores/events/feedStore';
import type { PredictInput } from '../../workflows/contracts';
import { loopbackFeeds, testPolicy } from '../support/policy';
import { ScriptedWorld } from './stage';

export class FeedWorld extends ScriptedWorld {
  /** What the feed answers: a campaign schedule, or null for a failure. */
  content: string | null = '[]';
  fetches = 0;
  readonly stored: StoredEvent[] = [];
  private readonly known = new Map<string, DemandEvent>();

  constructor(private readonly now: () => number) {
    super();
  }

  override activities() {
    const scripted = super.activities();
    return {
      ...scripted,
      ...createFeedActivities({
        feeds: memoryFeeds(this.stored),
        feedSource: {
          fetch: async () => {
            this.fetches++;
            if (this.content === null)
              throw new PamError('NOT_FOUND', 'feed "sales": http://shop/ answers 404');
            return { text: this.content, bytes: this.content.length, etag: null, lastModified: null };
          },
          read: async (definition, text, nowMs) => readFeed(definition, text, nowMs, readCalendar),
        },
        policy: testPolicy(loopbackFeeds),
        now: this.now,
      }),
      recordEvents: async (input: Parameters<typeof scripted.recordEvents>[0]) => {
        for (const event of input.announced) this.known.set(event.id, event);
        for (const { id } of input.withdrawn) this.known.delete(id);
        return scripted.recordEvents(input);
      },
      predict: async (input: PredictInput) => {
        const toMs = input.atMs + input.settings.leadMs;
        const uplifts = [...this.known.values()]
          .filter(({ startMs, endMs }) => startMs < toMs && endMs > input.atMs)
          .map(({ expectedUplift }) => expectedUplift ?? 1);
        this.demand = 100 * Math.max(1, ...uplifts);
        return scripted.predict(input);
      },
    };
  }
}

function memoryFeeds(stored: StoredEvent[]): FeedStore {
  const definitions = new Map<string, FeedDefinition>();
  const contents = new Map<string, string>();
  const put = (entry: StoredEvent) => {
    const index = stored.findIndex(
      ({ category, event }) => category === entry.category && event.id === entry.event.id,
    );
    if (index < 0) stored.push(entry);
    else stored[index] = entry;
  };
  return {
    define: async (definition) => void definitions.set(definition.name, definition),
    get: async (name) => {
      const definition = definitions.get(name);
      if (definition === undefined) return null;
      const none = { lastOkMs: null, lastChangeMs: null, lastError: null, lastErrorMs: null };
      return { definition, ...none, etag: null, lastModified: null };
    },
    list: async () => [],
    reached: async (name, content) => {
      if (content !== null) contents.set(name, content.text);
    },
    failed: async () => undefined,
    content: async (name) => contents.get(name) ?? null,
    remove: async (name) => void definitions.delete(name),
    eventsOf: async (source) => stored.filter(({ event }) => event.source === source),
    apply: async (_, announced, withdrawn) => {
      for (const entry of announced) put({ ...entry, withdrawnBy: null });
      for (const entry of withdrawn) put({ ...entry, withdrawnBy: 'feed' });
    },
  };
}
