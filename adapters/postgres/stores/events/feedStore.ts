/** Feeds in `pam.feeds` and what they announced in `pam.events`. */
import type { DemandEvent } from '../../../../core/events/event';
import type { StoredEvent } from '../../../../core/events/feedChanges';
import type { FeedRecord, FeedStore } from '../../../../ports/stores/events/feedStore';
import type { Connection } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';
import { type EventRow, eventColumns, eventOf, putEvents } from './eventStore';

interface FeedRow extends FeedRecord {
  [column: string]: unknown;
}

const columns = `definition, etag, last_modified AS "lastModified", ${toMs('last_ok')} AS "lastOkMs",
  ${toMs('last_change')} AS "lastChangeMs", last_error AS "lastError", ${toMs('last_error_at')} AS "lastErrorMs"`;

export function createFeedStore(connection: Connection): FeedStore {
  return {
    async define(definition) {
      // Another address or type: what was known of the old content says nothing about the new.
      const sameOrigin = `(feeds.definition->>'url', feeds.definition->>'file', feeds.definition->>'type')
        IS NOT DISTINCT FROM (excluded.definition->>'url', excluded.definition->>'file', excluded.definition->>'type')`;
      const kept = (column: string) => `${column} = CASE WHEN ${sameOrigin} THEN feeds.${column} END`;
      await connection.run(
        'define a feed',
        `INSERT INTO pam.feeds (name, definition) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, updated_at = now(),
           ${['content', 'etag', 'last_modified'].map(kept).join(', ')}`,
        [definition.name, JSON.stringify(definition)],
      );
    },

    async get(name) {
      const [row] = await connection.run<FeedRow>(
        'read a feed',
        `SELECT ${columns} FROM pam.feeds WHERE name = $1`,
        [name],
      );
      return row ?? null;
    },

    list: () => connection.run<FeedRow>('list the feeds', `SELECT ${columns} FROM pam.feeds ORDER BY name`),

    async reached(name, content, atMs) {
      await connection.run(
        'record a look at a feed',
        content === null
          ? `UPDATE pam.feeds SET last_ok = ${toInstant('$2')}, last_error = NULL, last_error_at = NULL WHERE name = $1`
          : `UPDATE pam.feeds SET last_ok = ${toInstant('$2')}, last_error = NULL, last_error_at = NULL,
               last_change = ${toInstant('$2')}, content = $3, etag = $4, last_modified = $5
             WHERE name = $1`,
        content === null ? [name, atMs] : [name, atMs, content.text, content.etag, content.lastModified],
      );
    },

    async failed(name, why, atMs) {
      await connection.run(
        'record a failed look at a feed',
        `UPDATE pam.feeds SET last_error = $2, last_error_at = ${toInstant('$3')} WHERE name = $1`,
        [name, why.slice(0, 1_000), atMs],
      );
    },

    async content(name) {
      const [row] = await connection.run<{ content: string | null }>(
        'read the content of a feed',
        'SELECT content FROM pam.feeds WHERE name = $1',
        [name],
      );
      return row?.content ?? null;
    },

    async remove(name) {
      await connection.run('remove a feed', 'DELETE FROM pam.feeds WHERE name = $1', [name]);
    },

    async eventsOf(source, fromMs) {
      const rows = await connection.run<
        EventRow & { category: string; withdrawnBy: StoredEvent['withdrawnBy'] }
      >(
        'read the events of a feed',
        // Called off before it was kept by whom: as if by a person, so that it stays.
        `SELECT category, ${eventColumns},
           CASE WHEN withdrawn_at IS NOT NULL THEN coalesce(withdrawn_by, 'hand') END AS "withdrawnBy"
         FROM pam.events WHERE source = $1 AND end_at > ${toInstant('$2')} ORDER BY category, start_at, id`,
        [source, fromMs],
      );
      return rows.map(({ category, withdrawnBy, ...row }) => ({
        category,
        withdrawnBy,
        event: eventOf(row),
      }));
    },

    async apply(source, announced, withdrawn) {
      if (announced.length === 0 && withdrawn.length === 0) return;
      await connection.transaction('store what a feed changed', async (run) => {
        const byCategory = new Map<string, DemandEvent[]>();
        for (const { category, event } of announced)
          byCategory.set(category, [...(byCategory.get(category) ?? []), event]);
        for (const [category, events] of byCategory) await putEvents(run, category, events);
        if (withdrawn.length > 0)
          await run(
            'withdraw events',
            `UPDATE pam.events SET withdrawn_at = now(), withdrawn_by = 'feed', updated_at = now()
             FROM unnest($2::text[], $3::text[]) AS gone(category, id)
             WHERE events.source = $1 AND events.category = gone.category AND events.id = gone.id
               AND events.withdrawn_at IS NULL`,
            [source, withdrawn.map(({ category }) => category), withdrawn.map(({ event }) => event.id)],
          );
      });
    },
  };
}
