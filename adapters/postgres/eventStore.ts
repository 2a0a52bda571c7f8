/** Known events in `pam.events`: announcements and withdrawals in, what overlaps a window out. */
import type { DemandEvent } from '../../core/events/event';
import type { EventStore } from '../../ports/eventStore';
import type { Connection } from './connection';
import { toInstant, toMs } from './instants';

interface EventRow {
  [column: string]: unknown;
  id: string;
  kind: string;
  title: string;
  startMs: number;
  endMs: number;
  expectedUplift: number | null;
  source: string;
}

export function createEventStore(connection: Connection): EventStore {
  return {
    async put(category, events) {
      if (events.length === 0) return;
      const latest = [...new Map(events.map((event) => [`${event.source}\n${event.id}`, event])).values()];
      await connection.run(
        'store events',
        `INSERT INTO pam.events (category, source, id, kind, title, start_at, end_at, expected_uplift)
         SELECT $1, source, id, kind, title, ${toInstant('start_ms')}, ${toInstant('end_ms')}, expected_uplift
         FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::float8[])
           AS event(source, id, kind, title, start_ms, end_ms, expected_uplift)
         ON CONFLICT (category, source, id) DO UPDATE SET
           kind = excluded.kind, title = excluded.title, start_at = excluded.start_at, end_at = excluded.end_at,
           expected_uplift = excluded.expected_uplift, withdrawn_at = NULL, updated_at = now()`,
        [
          category,
          latest.map((event) => event.source),
          latest.map((event) => event.id),
          latest.map((event) => event.kind),
          latest.map((event) => event.title),
          latest.map((event) => event.startMs),
          latest.map((event) => event.endMs),
          latest.map((event) => event.expectedUplift ?? null),
        ],
      );
    },

    async withdraw(category, source, id) {
      const rows = await connection.run(
        'withdraw an event',
        `UPDATE pam.events SET withdrawn_at = coalesce(withdrawn_at, now()), updated_at = now()
         WHERE category = $1 AND source = $2 AND id = $3 RETURNING id`,
        [category, source, id],
      );
      return rows.length > 0;
    },

    async between(category, fromMs, toMs_) {
      const rows = await connection.run<EventRow>(
        'read events',
        `SELECT id, kind, title, source, expected_uplift AS "expectedUplift",
           ${toMs('start_at')} AS "startMs", ${toMs('end_at')} AS "endMs"
         FROM pam.events
         WHERE category = $1 AND start_at < ${toInstant('$3')} AND end_at > ${toInstant('$2')}
           AND withdrawn_at IS NULL
         ORDER BY start_at, source, id`,
        [category, fromMs, toMs_],
      );
      return rows.map(
        ({ expectedUplift, ...event }): DemandEvent => ({
          ...event,
          ...(expectedUplift === null ? {} : { expectedUplift }),
        }),
      );
    },
  };
}
