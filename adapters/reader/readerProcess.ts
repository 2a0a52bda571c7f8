/**
 * Entry of a process that reads documents from outside: one job → one answer, one after the other. It has no secret in
 * its environment, a small heap, and a low priority. Whoever started it ends it when a document takes too long.
 */
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';
import { readCalendar } from '../calendar/readCalendar';
import { readFeed } from '../feeds/readFeed';
import type { ReaderAnswer, ReaderJob } from './readerJob';

function answer(job: ReaderJob): ReaderAnswer {
  try {
    return {
      reading:
        job.kind === 'calendar'
          ? readCalendar(job.text, job.options)
          : readFeed(job.definition, job.text, job.nowMs, readCalendar, job.limits),
    };
  } catch (error) {
    // Such as what is nested too deep for the stack.
    const code = error instanceof PamError ? error.code : error instanceof RangeError ? 'INVALID_DATA' : null;
    return { failure: { code, message: messageOf(error).slice(0, 2_000) } };
  }
}

process.on('message', (job: ReaderJob) => process.send?.(answer(job)));
process.on('disconnect', () => process.exit());
