/** Lines for people → one text of exactly these lines: a name with a newline in it forges none. */
import { visibleLine } from '../../core/text/visible';

export const linesText = (lines: readonly string[]): string => `${lines.map(visibleLine).join('\n')}\n`;
