/** Known events in `pam.events`: announcements and withdrawals in, what overlaps a window out. */
import type { DemandEvent } from '../../../../core/events/event';
import type { EventStore } from '../../../../ports/stores/events/eventStore';
import type { Connection, RunStatement } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

export interface EventRow {
  [column: string]: unknown;
  id: string;
  kind: string;
  title: string;
  startMs: number;
  endMs: number;
  expectedUplift: number | null;
  halfLifeMs: number | null;
  source: string;
}

export const eventColumns = `id, kind, title, source, expected_uplift AS "expectedUplift", half_life_ms AS "halfLifeMs",
  ${toMs('start_at')} AS "startMs", ${toMs('end_at')} AS "endMs"`;

export function eventOf({ expectedUplift, halfLifeMs, ...event }: EventRow): DemandEvent {
  return {
    ...event,
    ...(expectedUplift === null ? {} : { expectedUplift }),
    ...(halfLifeMs === null ? {} : { halfLifeMs }),
  };
}

/** The same id from the same source again replaces the event, and stands again if it was called off. */
export async function putEvents(
  run: RunStatement,
  category: string,
  events: readonly DemandEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const latest = [...new Map(events.map((event) => [`${event.source}\n${event.id}`, event])).values()];
  await run(
    'store events',
    `INSERT INTO pam.events (category, source, id, kind, title, start_at, end_at, expected_uplift, half_life_ms)
     SELECT $1, source, id, kind, title, ${toInstant('start_ms')}, ${toInstant('end_ms')}, expected_uplift, half_life_ms
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::float8[], $9::float8[])
       AS event(source, id, kind, title, start_ms, end_ms, expected_uplift, half_life_ms)
     ON CONFLICT (category, source, id) DO UPDATE SET
       kind = excluded.kind, title = excluded.title, start_at = excluded.start_at, end_at = excluded.end_at,
       expected_uplift = excluded.expected_uplift, half_life_ms = excluded.half_life_ms,
       withdrawn_at = NULL, withdrawn_by = NULL, updated_at = now()`,
    [
      category,
      latest.map((event) => event.source),
      latest.map((event) => event.id),
      latest.map((event) => event.kind),
      latest.map((event) => event.title),
      latest.map((event) => event.startMs),
      latest.map((event) => event.endMs),
      latest.map((event) => event.expectedUplift ?? null),
      latest.map((event) => event.halfLifeMs ?? null),
    ],
  );
}

export function createEventStore(connection: Connection): EventStore {
  return {
    put: (category, events) => putEvents(connection.run, category, events),

    async withdraw(category, source, id) {
      const rows = await connection.run(
        'withdraw an event',
        `UPDATE pam.events SET withdrawn_by = CASE WHEN withdrawn_at IS NULL THEN 'hand' ELSE withdrawn_by END,
           withdrawn_at = coalesce(withdrawn_at, now()), updated_at = now()
         WHERE category = $1 AND source = $2 AND id = $3 RETURNING id`,
        [category, source, id],
      );
      return rows.length > 0;
    },

    async between(category, fromMs, toMs_) {
      const rows = await connection.run<EventRow>(
        'read events',
        `SELECT ${eventColumns}
         FROM pam.events
         WHERE category = $1 AND start_at < ${toInstant('$3')} AND end_at > ${toInstant('$2')}
           AND withdrawn_at IS NULL
         ORDER BY start_at, source, id`,
        [category, fromMs, toMs_],
      );
      return rows.map(eventOf);
    },
  };
}
