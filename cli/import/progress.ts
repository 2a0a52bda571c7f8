/** Rows read so far → one line that is rewritten, on a terminal only. */

import { visibleLine } from '../../core/text/visible';
import { controlOf } from '../text/guardOutput';

export interface Progress {
  readonly show: (file: string, rows: number) => void;
  /** Writes a message without breaking the line. */
  readonly write: (text: string) => void;
  readonly end: () => void;
}

const betweenMs = 200;
const clearLine = '\r\u001b[K';

export function createProgress(stream: NodeJS.WriteStream, now: () => number = Date.now): Progress {
  const terminal = stream.isTTY === true;
  const control = controlOf(stream);
  let shownMs = 0;
  const clear = () => {
    if (shownMs > 0) control(clearLine);
  };
  return {
    show(file, rows) {
      if (!terminal || now() - shownMs < betweenMs) return;
      shownMs = now();
      control(clearLine);
      stream.write(`${visibleLine(file)}: ${rows} rows`);
    },
    write(text) {
      clear();
      stream.write(text);
    },
    end: clear,
  };
}
