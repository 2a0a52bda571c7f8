/** The path of an iCalendar file → what `readCalendar` makes of it. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { PamError } from '../../core/errors';
import { hasCode, messageOf } from '../../core/thrown';
import { type CalendarOptions, type CalendarReading, readCalendar } from './readCalendar';

const mostBytes = 50_000_000;

/**
 * `source` absent = the file's name; `read` absent = in this process. Throws PamError NOT_FOUND, DENIED or INVALID_DATA.
 */
export async function readCalendarFile(
  file: string,
  options: Omit<CalendarOptions, 'source'> & { readonly source?: string },
  read: (text: string, options: CalendarOptions) => CalendarReading | Promise<CalendarReading> = readCalendar,
): Promise<CalendarReading> {
  return read(await textOf(file), { ...options, source: options.source ?? basename(file) });
}

async function textOf(file: string): Promise<string> {
  const place = `calendar ${file}`;
  try {
    const found = await stat(file);
    // A pipe or device may never end.
    if (!found.isFile()) throw new PamError('INVALID_DATA', `${place} is not a file`);
    if (found.size > mostBytes)
      throw new PamError('INVALID_DATA', `${place} has ${found.size} bytes: expected at most ${mostBytes}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof PamError) throw error;
    if (hasCode(error, 'ENOENT')) throw new PamError('NOT_FOUND', `${place}: there is no such file`);
    if (hasCode(error, 'EACCES')) throw new PamError('DENIED', `${place}: not allowed to read it`);
    throw new PamError('INVALID_DATA', `${place}: ${messageOf(error)}`);
  }
}
