/** The share of a long run that is done → one line that is rewritten, on a terminal only. */
import { controlOf } from '../text/guardOutput';

const width = 30;
const betweenMs = 200;
const clearLine = '\r\u001b[K';

export interface ProgressBar {
  readonly show: (share: number, doing: string) => void;
  /** Writes a message without breaking the line. */
  readonly write: (text: string) => void;
  readonly end: () => void;
}

export function createProgressBar(stream: NodeJS.WriteStream, now: () => number = Date.now): ProgressBar {
  const terminal = stream.isTTY === true;
  const control = controlOf(stream);
  const startedMs = now();
  let shownMs = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (Number.isFinite(shownMs)) control(clearLine);
  };
  return {
    show(share, doing) {
      const atMs = now();
      if (!terminal || atMs - shownMs < betweenMs) return;
      shownMs = atMs;
      const filled = Math.round(Math.min(1, share) * width);
      const left =
        share > 0.02 ? ` · ${Math.ceil(((atMs - startedMs) * (1 - share)) / share / 1_000)} s left` : '';
      control(clearLine);
      stream.write(
        `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${Math.floor(share * 100)} % ${doing}${left}`,
      );
    },
    write(text) {
      clear();
      stream.write(text);
    },
    end: clear,
  };
}
