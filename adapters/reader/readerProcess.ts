/**
 * Entry of a process that reads documents from outside: one job → one answer, one after the other. It has no secret in
 * its environment, a small heap, and a low priority. Whoever started it ends it when a document takes too long.
 */
import { writeSync } from 'node:fs';
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';
import { readCalendar } from '../calendar/readCalendar';
import { readFeed } from '../feeds/readFeed';
import { placeDescriptor, type ReaderAnswer, type ReaderJob } from './readerJob';

/** Tells the line that is read at once: nothing else leaves this process before the document is read. */
function reached(line: number): void {
  try {
    writeSync(placeDescriptor, `${line}\n`);
  } catch {
    // The other end is busy and knows an earlier line.
  }
}

const readCalendarAloud: typeof readCalendar = (text, options) => readCalendar(text, { ...options, reached });

function answer(job: ReaderJob): ReaderAnswer {
  try {
    return {
      reading:
        job.kind === 'calendar'
          ? readCalendarAloud(job.text, job.options)
          : readFeed(job.definition, job.text, job.nowMs, readCalendarAloud, job.limits),
    };
  } catch (error) {
    // Such as what is nested too deep for the stack.
    const code = error instanceof PamError ? error.code : error instanceof RangeError ? 'INVALID_DATA' : null;
    return { failure: { code, message: messageOf(error).slice(0, 2_000) } };
  }
}

process.on('message', (job: ReaderJob) => process.send?.(answer(job)));
process.on('disconnect', () => process.exit());
