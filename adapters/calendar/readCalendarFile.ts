/** The path of an iCalendar file → what `readCalendar` makes of it. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PamError } from '../../core/errors';
import { messageOf } from '../../core/thrown';
import { type CalendarOptions, type CalendarReading, readCalendar } from './readCalendar';

/** `source` absent = the file's name. Throws PamError NOT_FOUND, DENIED or INVALID_DATA. */
export async function readCalendarFile(
  file: string,
  options: Omit<CalendarOptions, 'source'> & { readonly source?: string },
): Promise<CalendarReading> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : '';
    if (code === 'ENOENT') throw new PamError('NOT_FOUND', `calendar ${file}: there is no such file`);
    if (code === 'EACCES') throw new PamError('DENIED', `calendar ${file}: not allowed to read it`);
    throw new PamError('INVALID_DATA', `calendar ${file}: ${messageOf(error)}`);
  }
  return readCalendar(text, { ...options, source: options.source ?? basename(file) });
}
