/** Lines of text → the terminal: redrawn in place on a terminal, else one block now and then. */
import { clearScreenDown, moveCursor } from 'node:readline';
import { controlOf } from './guardOutput';
import { linesText } from './lines';

export interface Screen {
  /** Shows these lines instead of the last ones. */
  draw(lines: readonly string[]): void;
  /** Keeps what is shown and continues below it. */
  end(): void;
  readonly width: number;
}

const plainEveryMs = 15_000;

/** `plain` writes no control characters and at most one block in 15 s. */
export function openScreen(
  out: NodeJS.WriteStream | (NodeJS.WritableStream & { isTTY?: false; columns?: undefined }),
  plain: boolean,
  now: () => number,
): Screen {
  const inPlace = !plain && out.isTTY === true;
  const control = controlOf(out);
  // What readline needs of a stream; it writes sequences only.
  const cursor = { write: (sequence: string) => control(sequence) } as unknown as NodeJS.WritableStream;
  let shown = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    get width() {
      return inPlace ? Math.max(60, out.columns ?? 120) : 160;
    },
    draw(lines) {
      if (inPlace) {
        if (shown > 0) moveCursor(cursor, 0, -shown);
        clearScreenDown(cursor);
        shown = lines.length;
      } else if (now() - lastMs < plainEveryMs) return;
      lastMs = now();
      out.write(`${linesText(lines)}${inPlace ? '' : '\n'}`);
    },
    end() {
      shown = 0;
      lastMs = Number.NEGATIVE_INFINITY;
    },
  };
}
