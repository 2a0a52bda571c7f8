/** Parsed events of a calendar → their occurrences, after moves and cancellations of single ones. */
import type { DemandEvent } from '../../core/events/event';
import { LimitExceeded, type ReadingLimits, requireWithin } from '../../core/events/readingLimits';
import { messageOf } from '../../core/thrown';
import type { CalendarBlock, CalendarBlocks, CalendarProblem } from './calendarBlocks';
import type { CalendarOptions } from './calendarOptions';
import type { CalendarZones, ShownTime } from './calendarZones';
import { type IcalComponent, ical } from './ical';
import { type Occurrence, occurrencesOf } from './occurrences';

interface Length {
  /** Whole days on the wall clock, then exact ms, because a day is not always 24 hours. */
  readonly days: number;
  readonly ms: number;
}

const dayMs = 86_400_000;
/** Length of an event that has none, such as a release at ten. */
const pointMs = 60_000;

export class CalendarEvents {
  private readonly events: DemandEvent[] = [];
  private readonly cancelled: string[] = [];

  constructor(
    private readonly blocks: CalendarBlocks,
    private readonly zones: CalendarZones,
    private readonly options: CalendarOptions & { readonly limits: ReadingLimits },
    private readonly problems: CalendarProblem[],
  ) {}

  read(): { events: DemandEvent[]; cancelled: string[] } {
    const byUid = new Map<string, CalendarBlock[]>();
    for (const block of this.blocks.events) {
      const uid = uidOf(block.component);
      const known = byUid.get(uid);
      if (known === undefined) byUid.set(uid, [block]);
      else known.push(block);
    }
    for (const [uid, blocks] of byUid) {
      const isOverride = ({ component }: CalendarBlock) => component.hasProperty('recurrence-id');
      const overrides = blocks.filter(isOverride);
      const masters = latestOf(blocks.filter((block) => !isOverride(block)));
      const moved = this.overridesByInstant(overrides);
      for (const block of masters)
        this.attempt(block, () => this.master(block, uid, masters.length > 1, moved));
      for (const [instantMs, block] of moved)
        this.attempt(block, () => this.single(block, `${uid}@${new Date(instantMs).toISOString()}`));
    }
    return { events: this.events, cancelled: this.cancelled };
  }

  /** Overrides by the instant that their occurrence had by the rule. Of two, the later revision counts. */
  private overridesByInstant(overrides: readonly CalendarBlock[]): Map<number, CalendarBlock> {
    const moved = new Map<number, CalendarBlock>();
    for (const block of overrides)
      this.attempt(block, () => {
        const property = block.component.getFirstProperty('recurrence-id');
        const value = property?.getFirstValue();
        if (!(value instanceof ical.Time)) throw new Error('RECURRENCE-ID is not a time');
        if (property?.getParameter('range') !== undefined)
          this.problem(block, 'RANGE=THISANDFUTURE is not supported: only this occurrence is changed');
        const instantMs = this.zones.instant(this.zones.shown(value, property ?? null));
        const known = moved.get(instantMs);
        if (known === undefined || sequenceOf(block) >= sequenceOf(known)) moved.set(instantMs, block);
      });
    return moved;
  }

  private master(
    block: CalendarBlock,
    uid: string,
    shared: boolean,
    moved: ReadonlyMap<number, CalendarBlock>,
  ): void {
    const { component } = block;
    const start = this.startOf(component);
    const recurring = component.hasProperty('rrule') || component.hasProperty('rdate');
    if (!recurring && moved.size === 0) {
      const id = shared ? `${uid}@${new Date(this.zones.instant(start)).toISOString()}` : uid;
      this.single(block, id);
      return;
    }
    const length = this.lengthOf(component, start);
    const { fromMs, toMs, limits } = this.options;
    const window = { fromMs: fromMs - length.days * dayMs - length.ms, toMs, limits };
    for (const occurrence of occurrencesOf(block, start, this.zones, window)) {
      if (moved.has(occurrence.startMs)) continue;
      this.emit(component, `${uid}@${new Date(occurrence.startMs).toISOString()}`, occurrence, length);
    }
  }

  private single({ component }: CalendarBlock, id: string): void {
    const start = this.startOf(component);
    this.emit(component, id, { start, startMs: this.zones.instant(start) }, this.lengthOf(component, start));
  }

  private emit(component: IcalComponent, id: string, { start, startMs }: Occurrence, length: Length): void {
    const { fromMs, toMs, source, limits } = this.options;
    if (this.blocks.cancelled || textOf(component, 'status').toUpperCase() === 'CANCELLED') {
      this.cancelled.push(id);
      requireWithin(limits, 'events', this.cancelled.length, 'called-off events');
      return;
    }
    const endMs = this.zones.instant({ ...start, shownMs: start.shownMs + length.days * dayMs }) + length.ms;
    if (endMs <= fromMs || startMs >= toMs) return;
    const title = textOf(component, 'summary') || '(without a title)';
    const uplift = Number(textOf(component, 'x-pam-uplift'));
    this.events.push({
      id,
      kind: this.options.kind ?? kindOf(component, title),
      title,
      startMs,
      endMs,
      ...(uplift > 0 && Number.isFinite(uplift) ? { expectedUplift: uplift } : {}),
      source,
    });
    requireWithin(limits, 'events', this.events.length, 'events in the window');
  }

  private startOf(component: IcalComponent): ShownTime {
    const property = component.getFirstProperty('dtstart');
    const value = property?.getFirstValue();
    if (!(value instanceof ical.Time) || Number.isNaN(value.toUnixTime()))
      throw new Error('DTSTART is missing or not a time');
    return this.zones.shown(value, property ?? null);
  }

  private lengthOf(component: IcalComponent, start: ShownTime): Length {
    const property = component.getFirstProperty('dtend');
    const end = property?.getFirstValue();
    const least: Length = start.isDate ? { days: 1, ms: 0 } : { days: 0, ms: pointMs };
    if (end instanceof ical.Time) {
      const shown = this.zones.shown(end, property ?? null);
      // All day, and its end is its start: a common mistake. It means one day.
      const length: Length = start.isDate
        ? { days: Math.round((shown.shownMs - start.shownMs) / dayMs), ms: 0 }
        : { days: 0, ms: this.zones.instant(shown) - this.zones.instant(start) };
      return checked(length, least, 'DTEND is before DTSTART');
    }
    const duration = component.getFirstPropertyValue('duration');
    if (!(duration instanceof ical.Duration)) return least;
    const sign = duration.isNegative ? -1 : 1;
    const length: Length = {
      days: sign * (duration.weeks * 7 + duration.days),
      ms: sign * ((duration.hours * 60 + duration.minutes) * 60 + duration.seconds) * 1_000,
    };
    return checked(length, least, 'DURATION is negative');
  }

  private attempt(block: CalendarBlock, work: () => void): void {
    this.options.reached?.(block.line);
    try {
      work();
    } catch (error) {
      if (error instanceof LimitExceeded)
        throw new LimitExceeded(
          `${this.options.source}, line ${block.line}, event "${uidOf(block.component).slice(0, 100)}": ${error.message}`,
        );
      this.problem(block, `left out: ${messageOf(error)}`);
    }
  }

  private problem({ line, component }: CalendarBlock, reason: string): void {
    const title = textOf(component, 'summary');
    this.problems.push({ line, reason: title === '' ? reason : `"${title}": ${reason}` });
  }
}

function checked(length: Length, least: Length, wrong: string): Length {
  const ms = length.days * dayMs + length.ms;
  if (ms < 0) throw new Error(wrong);
  return ms === 0 ? least : length;
}

/**
 * Of several events with one UID the highest SEQUENCE counts. Of those with the same start and SEQUENCE the last in
 * the file counts. Different starts are different events: some programs do not make their UIDs unique.
 */
function latestOf(blocks: readonly CalendarBlock[]): CalendarBlock[] {
  const highest = blocks.reduce((most, block) => Math.max(most, sequenceOf(block)), Number.NEGATIVE_INFINITY);
  const byStart = new Map<string, CalendarBlock>();
  for (const block of blocks)
    if (sequenceOf(block) === highest)
      byStart.set(String(block.component.getFirstPropertyValue('dtstart')), block);
  return [...byStart.values()];
}

function sequenceOf({ component }: CalendarBlock): number {
  return Number(textOf(component, 'sequence')) || 0;
}

function uidOf(component: IcalComponent): string {
  const uid = textOf(component, 'uid');
  if (uid !== '') return uid;
  return `${textOf(component, 'summary')}@${String(component.getFirstPropertyValue('dtstart'))}`;
}

/** The title without its year: `Black Friday 2025` and `Black Friday 2026` are of one kind. */
function kindOf(component: IcalComponent, title: string): string {
  const named = textOf(component, 'categories').split(',', 1)[0] ?? '';
  const kind = (named || title.replace(/\b(19|20)\d{2}\b/g, ' ')).replace(/\s+/g, ' ').trim();
  return (kind || title).toLowerCase();
}

function textOf(component: IcalComponent, name: string): string {
  const value = component.getFirstPropertyValue(name);
  return value === null || value === undefined ? '' : String(value).trim();
}
