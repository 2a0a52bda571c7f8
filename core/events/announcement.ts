/**
 * What a person or a feed sends as the `calendarEvent` signal → a `DemandEvent`, or the withdrawal of one. A name, a
 * start and a duration are enough.
 */
import { z } from 'zod';
import { plainText } from '../text/plainText';
import { duration } from '../time/duration';
import { isLikelyInstant, unlikelyInstant } from '../time/instant';
import type { DemandEvent } from './event';

const instant = z
  .string()
  .max(100)
  .refine(
    (text) =>
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
      !Number.isNaN(Date.parse(text)),
    'expected an ISO 8601 time with its zone, such as "2026-06-11T19:00:00Z"',
  )
  .transform((text) => Date.parse(text))
  .refine(isLikelyInstant, unlikelyInstant);

const text = plainText(200);

export const eventAnnouncement = z
  .strictObject({
    name: text,
    start: instant,
    duration: duration.optional(),
    end: instant.optional(),
    /** Stable id: the same id from the same source replaces the event. Absent: name and start. */
    id: text.optional(),
    /** Shared by similar occasions: the effect is learned per kind. Absent: the name. */
    kind: text.optional(),
    /** Expected demand during the event ÷ demand without it. */
    uplift: z.number().gt(0).max(1_000).optional(),
    /** Half-life of the uplift (in logs); absent: it stays until the end. */
    halfLife: duration.optional(),
    source: text.default('signal'),
  })
  .superRefine((event, context) => {
    if ((event.duration === undefined) === (event.end === undefined))
      context.addIssue({
        code: 'custom',
        path: ['duration'],
        message: 'expected either "duration" or "end"',
      });
    if (event.end !== undefined && event.end <= event.start)
      context.addIssue({ code: 'custom', path: ['end'], message: 'expected an instant after "start"' });
  })
  .transform(
    (event): DemandEvent => ({
      id: event.id ?? `${event.name}@${new Date(event.start).toISOString()}`,
      kind: event.kind ?? event.name,
      title: event.name,
      startMs: event.start,
      endMs: event.end ?? event.start + (event.duration ?? 0),
      ...(event.uplift === undefined ? {} : { expectedUplift: event.uplift }),
      ...(event.halfLife === undefined ? {} : { halfLifeMs: event.halfLife }),
      source: event.source,
    }),
  );

export const eventWithdrawal = z.strictObject({
  withdraw: plainText(400),
  source: text.default('signal'),
});

export type CalendarMessage =
  | { readonly kind: 'announced'; readonly event: DemandEvent }
  | { readonly kind: 'withdrawn'; readonly id: string; readonly source: string };

type ReadMessage = { ok: true; message: CalendarMessage } | { ok: false; error: z.ZodError };

/** One signal: a message, or a list of messages, each read by itself. */
export function readCalendarMessages(messages: unknown): ReadMessage[] {
  return Array.isArray(messages) ? messages.map(readCalendarMessage) : [readCalendarMessage(messages)];
}

/** Either `{"name","start","duration"|"end",…}` or `{"withdraw": id}`. The zod error says what is wrong and where. */
export function readCalendarMessage(message: unknown): ReadMessage {
  if (typeof message === 'object' && message !== null && 'withdraw' in message) {
    const parsed = eventWithdrawal.safeParse(message);
    return parsed.success
      ? { ok: true, message: { kind: 'withdrawn', id: parsed.data.withdraw, source: parsed.data.source } }
      : { ok: false, error: parsed.error };
  }
  const parsed = eventAnnouncement.safeParse(message);
  return parsed.success
    ? { ok: true, message: { kind: 'announced', event: parsed.data } }
    : { ok: false, error: parsed.error };
}

/** The message that announces an event; `readCalendarMessage` makes the same event of it. */
export function announcementOf(event: DemandEvent): z.input<typeof eventAnnouncement> {
  return {
    name: event.title,
    start: new Date(event.startMs).toISOString(),
    end: new Date(event.endMs).toISOString(),
    id: event.id,
    kind: event.kind,
    ...(event.expectedUplift === undefined ? {} : { uplift: event.expectedUplift }),
    ...(event.halfLifeMs === undefined ? {} : { halfLife: `${event.halfLifeMs}ms` }),
    source: event.source,
  };
}

export function withdrawalOf({
  id,
  source,
}: Pick<DemandEvent, 'id' | 'source'>): z.input<typeof eventWithdrawal> {
  return { withdraw: id, source };
}
