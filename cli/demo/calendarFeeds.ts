/**
 * The calendars of a play → feeds, as `pam feed add` makes them. The demo writes each calendar, on its own clock, to a folder
 * that the policy of the workers allows; a Temporal Schedule has it read, and `syncEvents` sends its events to the category
 * by the signal `calendarEvent`.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { writeCalendar } from '../../adapters/calendar/writeCalendar';
import { replaceFile } from '../../adapters/files/replaceFile';
import { PamError } from '../../core/errors';
import { type FeedInput, feedDefinition, feedSource } from '../../core/events/feed';
import { durationInWords } from '../../core/time/durationWords';
import type { PlayedCategory } from '../../simulation/workload/playPlan';
import { putFeedSchedule, removeFeedSchedule } from '../feed/feedSchedules';
import { syncFeed } from '../feed/syncFeed';

/** Feeds are read once in this many bins, and at most this often, ms. */
const everyBins = 10;
const leastEveryMs = 10_000;

/** Name of the feed that a demo makes for a category. */
export const demoFeed = (category: string): string => `demo-${category}`.slice(0, 40);
/** Source of the events of a played category: its feed. */
export const demoSource = (category: string): string => feedSource(demoFeed(category));

export class CalendarFeeds {
  /** The files by the names of their feeds. */
  private readonly added = new Map<string, string>();

  constructor(
    private readonly client: Client,
    private readonly taskQueue: string,
    /** Absolute. */
    private readonly folder: string,
    private readonly now: () => number,
  ) {}

  /** Writes the category’s calendar and has it read. Resolves when the first reading has reached the category. */
  async add(
    { name, pastEvents, announcedEvents, map }: PlayedCategory,
    report: (line: string) => void,
  ): Promise<void> {
    if (announcedEvents.length === 0) return;
    const file = join(this.folder, `${demoFeed(name)}.ics`);
    replaceFile(file, writeCalendar([...pastEvents, ...announcedEvents], this.now()));
    const every = Math.max(leastEveryMs, everyBins * map.realBinMs);
    const written: FeedInput = {
      name: demoFeed(name),
      type: 'calendar',
      file,
      every: `${every}ms`,
      categories: [name],
    };
    this.added.set(written.name, file);
    await putFeedSchedule(this.client, this.taskQueue, {
      written,
      definition: feedDefinition.parse(written),
    });
    await syncFeed(this.client, this.taskQueue, written.name, written);
    report(
      `${name}: the feed ${written.name} announces ${announcedEvents.length} events; its Schedule reads ${file} every ${durationInWords(every)}`,
    );
  }

  /** Removes the feeds that this demo added, and those that an interrupted one left. `names`: of categories. */
  async remove(names: readonly string[] = []): Promise<void> {
    const feeds = [...new Set([...this.added.keys(), ...names.map(demoFeed)])];
    for (const feed of feeds)
      await removeFeedSchedule(this.client, feed).catch((error: unknown) => {
        if (!(error instanceof PamError && error.code === 'NOT_FOUND')) throw error;
      });
    for (const file of this.added.values()) rmSync(file, { force: true });
    this.added.clear();
  }
}
