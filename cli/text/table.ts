/** Rows of cells → lines with aligned columns. Widths are those of a terminal: an event's name may have wide characters. */
import stringWidth from 'string-width';
import { visibleLine } from '../../core/text/visible';

/**
 * Columns as wide as their widest cell; from the column `rightFrom` on (none: `Infinity`) cells stand on the right. What
 * would break a line or the terminal is made visible.
 */
export function table(cells: readonly (readonly string[])[], rightFrom = 1): string[] {
  const rows = cells.map((row) => row.map(visibleLine));
  const widths = rows.reduce<number[]>(
    (known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, stringWidth(cell))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
        return column >= rightFrom ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Cut to `width` places of the terminal; an ellipsis stands for what was cut off. */
export function fitted(line: string, width: number): string {
  const text = visibleLine(line);
  if (stringWidth(text) <= width) return text;
  let shown = '';
  let used = 0;
  for (const character of text) {
    used += stringWidth(character);
    if (used >= width) break;
    shown += character;
  }
  return width <= 0 ? '' : `${shown}…`;
}
