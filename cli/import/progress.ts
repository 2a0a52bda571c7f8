/** Rows read so far → one line that is rewritten, on a terminal only. */

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
  let shownMs = 0;
  const clear = () => {
    if (shownMs > 0) stream.write(clearLine);
  };
  return {
    show(file, rows) {
      if (!terminal || now() - shownMs < betweenMs) return;
      shownMs = now();
      stream.write(`${clearLine}${file}: ${rows} rows`);
    },
    write(text) {
      clear();
      stream.write(text);
    },
    end: clear,
  };
}
