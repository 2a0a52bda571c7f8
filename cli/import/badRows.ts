/** Bad rows, one by one → the first ones are printed with file, line and reason; the others are counted. */

import { linesText } from '../text/lines';

const mostShown = 20;

export interface BadRow {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

export class BadRows {
  count = 0;
  /** The first ones. */
  readonly shown: BadRow[] = [];

  constructor(private readonly write: (text: string) => void) {}

  add(file: string, line: number, reason: string): void {
    this.count++;
    if (this.count > mostShown) return;
    this.shown.push({ file, line, reason });
    this.write(linesText([`${file}:${line}: ${reason}`]));
    if (this.count === mostShown) this.write('… further bad rows are only counted\n');
  }
}
