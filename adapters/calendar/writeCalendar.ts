/** Events → the text of an iCalendar file (RFC 5545). `readCalendar` makes the same events of it. */
import type { DemandEvent } from '../../core/events/event';

/**
 * Times are written in whole seconds of UTC, the kind as the first category. `readCalendar` reads that in lower case
 * and up to its first comma. iCalendar has no field for half-lives.
 */
export function writeCalendar(events: readonly DemandEvent[], stampMs: number): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//pam//calendar//EN',
    ...events.flatMap((event) => [
      'BEGIN:VEVENT',
      `UID:${escaped(event.id)}`,
      `DTSTAMP:${instant(stampMs)}`,
      `DTSTART:${instant(event.startMs)}`,
      `DTEND:${instant(event.endMs)}`,
      `SUMMARY:${escaped(event.title)}`,
      `CATEGORIES:${escaped(event.kind)}`,
      ...(event.expectedUplift === undefined ? [] : [`X-PAM-UPLIFT:${event.expectedUplift}`]),
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ];
  return `${lines.map(folded).join('\r\n')}\r\n`;
}

function instant(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');
}

/** At most 75 octets a line. A continuation begins with a space. */
function folded(line: string): string {
  let out = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      out += '\r\n ';
      octets = 1;
    }
    out += character;
    octets += size;
  }
  return out;
}
