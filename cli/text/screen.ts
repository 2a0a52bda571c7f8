/** Lines of text → the terminal: redrawn in place on a terminal, else one block now and then. */
import { clearScreenDown, moveCursor } from 'node:readline';

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
  let shown = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    get width() {
      return inPlace ? Math.max(60, out.columns ?? 120) : 160;
    },
    draw(lines) {
      if (inPlace) {
        if (shown > 0) moveCursor(out, 0, -shown);
        clearScreenDown(out);
        shown = lines.length;
      } else if (now() - lastMs < plainEveryMs) return;
      lastMs = now();
      out.write(`${lines.join('\n')}\n${inPlace ? '' : '\n'}`);
    },
    end() {
      shown = 0;
      lastMs = Number.NEGATIVE_INFINITY;
    },
  };
}
