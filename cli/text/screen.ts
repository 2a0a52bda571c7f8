/** Lines of text → the terminal: redrawn in place where it can be, one block now and then where it can't. */
import { clearScreenDown, moveCursor } from 'node:readline';

export interface Screen {
  /** Shows these lines instead of the last ones. */
  draw(lines: readonly string[]): void;
  /** Leaves what is shown and goes on below. */
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

/** Cut to `width` characters, with an ellipsis where something was lost. */
export function fitted(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** A table with columns as wide as their widest cell; numbers to the right. */
export function columns(rows: readonly (readonly string[])[], rightFrom = 1): string[] {
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, index) => Math.max(known[index] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index >= rightFrom ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
