/**
 * A way to look at something → its repeated output until Ctrl-C: redrawn in place on a terminal, blocks of text
 * elsewhere.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../core/errors';
import { openScreen } from '../text/screen';

/** `look` gives the lines for a width. If it fails, its message is shown, and it is called again. */
export async function watch(
  look: (width: number) => Promise<readonly string[]>,
  everyMs: number,
): Promise<void> {
  const interrupt = new AbortController();
  const abort = () => interrupt.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
  const screen = openScreen(process.stdout, false, Date.now);
  try {
    while (!interrupt.signal.aborted) {
      const lines = await look(screen.width).catch((error: unknown) => {
        if (error instanceof PamError && error.retryable) return [error.message];
        throw error;
      });
      if (interrupt.signal.aborted) break;
      screen.draw(visible(lines));
      await sleep(everyMs, undefined, { signal: interrupt.signal }).catch(() => undefined);
    }
  } finally {
    screen.end();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
  }
}

/** The lines that fit on the terminal: a taller drawing could not be redrawn in place. */
function visible(lines: readonly string[]): readonly string[] {
  const rows = process.stdout.isTTY ? (process.stdout.rows || 40) - 1 : lines.length;
  return lines.length <= rows
    ? lines
    : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} lines more in a taller window`];
}

/** The same for programs: one line of JSON each time; a failure as `{"error"}`. */
export async function watchJson(
  first: { readonly found: unknown },
  look: () => Promise<{ readonly found: unknown }>,
  everyMs: number,
): Promise<void> {
  const interrupt = new AbortController();
  const abort = () => interrupt.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort);
  let found = first.found;
  while (!interrupt.signal.aborted) {
    process.stdout.write(`${JSON.stringify(found)}\n`);
    await sleep(everyMs, undefined, { signal: interrupt.signal }).catch(() => undefined);
    if (interrupt.signal.aborted) return;
    found = await look().then(
      (next) => next.found,
      (error: unknown) => {
        if (error instanceof PamError && error.retryable) return { error: error.message };
        throw error;
      },
    );
  }
}
