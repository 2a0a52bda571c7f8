/** Times as a campaign schedule has them, in its zone → ms since the epoch. */
import { readTimestamp } from '../../core/time/timestamps';
import { type WallClock, wallClock } from '../../core/time/wallClock';

const dayMs = 86_400_000;

export class CampaignTimes {
  /** Number of times for which nobody named a zone. */
  assumed = 0;
  private readonly clock: WallClock | null;

  /** Throws PamError INVALID_INPUT for an unknown zone. */
  constructor(zone: string | undefined) {
    this.clock = zone === undefined ? null : wallClock(zone);
  }

  /** Throws an Error with the reason. */
  start(text: string): number {
    return this.instant('start', text);
  }

  /** A date alone includes that day: "24 to 26 December" includes the 26th. */
  end(text: string): number {
    const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
    if (date === null) return this.instant('end', text);
    this.instant('end', text);
    // The next date on the wall clock: a day is not always 24 hours.
    const next = new Date(Date.UTC(Number(date[1]), Number(date[2]) - 1, Number(date[3])) + dayMs);
    return this.instant('end', next.toISOString().slice(0, 10));
  }

  private instant(field: string, text: string): number {
    const zoned = /(Z|z|UTC|[+-]\d{2}(:?\d{2})?)$/.test(text.trim()) && /:/.test(text);
    const read = readTimestamp(text, {
      unit: 'iso',
      clock: this.clock ?? wallClock('UTC'),
      ambiguous: 'earlier',
    });
    if (typeof read === 'string') throw new Error(`${field}: ${read}`);
    if (this.clock === null && !zoned) this.assumed++;
    return read;
  }
}
