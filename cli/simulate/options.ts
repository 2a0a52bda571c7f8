/** Arguments of `pam simulate` as text → their meaning, or an error that says what would be right. */
import { PamError } from '../../core/errors';
import { duration } from '../../core/time/duration';
import { instantText } from '../../core/time/instantText';
import { readTimestamp } from '../../core/time/timestamps';
import { wallClock } from '../../core/time/wallClock';

/** `5m`, or `0` for nothing; ms. Throws PamError INVALID_INPUT. */
export function readDuration(option: string, text: string): number {
  if (text.trim() === '0') return 0;
  const read = duration.safeParse(text.trim());
  if (!read.success)
    throw new PamError(
      'INVALID_INPUT',
      `${option} "${text}": ${read.error.issues[0]?.message ?? 'not a duration'}`,
    );
  return read.data;
}

/** `auto`, `5m`, or `0` for none; ms. Throws PamError INVALID_INPUT. */
export function readHold(text: string): number | 'auto' {
  return text.trim() === 'auto' ? 'auto' : readDuration('--hold', text);
}

/** `0.01,0.003` → accepted risks, the largest first, each once. Throws PamError INVALID_INPUT. */
export function readRisks(text: string): number[] {
  const risks = text.split(',').map((part) => {
    const risk = Number(part);
    if (part.trim() === '' || !(risk > 0 && risk < 0.5))
      throw new PamError(
        'INVALID_INPUT',
        `--risk "${part}": expected a probability above 0 and below 0.5, such as 0.01, or several with commas`,
      );
    return risk;
  });
  return [...new Set(risks)].sort((a, b) => b - a);
}

/** Requests per node and bin, or "auto". Throws PamError INVALID_INPUT. */
export function readCapacity(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  const capacity = Number(text);
  if (text.trim() === '' || !(capacity > 0 && Number.isFinite(capacity)))
    throw new PamError(
      'INVALID_INPUT',
      `--capacity "${text}": expected "auto" or the requests that a node serves in a bin, above 0`,
    );
  return capacity;
}

/** A date or time → ms; without a zone it is read in `zone`. Throws PamError INVALID_INPUT. */
function readInstant(option: string, text: string, zone: string | undefined): number {
  const timeMs = readTimestamp(text, { unit: 'iso', clock: wallClock(zone ?? 'UTC'), ambiguous: 'earlier' });
  if (typeof timeMs === 'string') throw new PamError('INVALID_INPUT', `${option}: ${timeMs}`);
  return timeMs;
}

export interface EvaluatedWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

const dayMs = 86_400_000;
/** History before the evaluated window if the user gives no start. */
const defaultHistoryMs = 7 * dayMs;

/**
 * The evaluated window within a trace of [startMs, endMs). Without `--from` it begins on the eighth day, or in the middle
 * of a trace shorter than two weeks. Throws PamError INVALID_INPUT for a window without a bin.
 */
export function readWindow(
  from: string | undefined,
  to: string | undefined,
  zone: string | undefined,
  { startMs, endMs }: { startMs: number; endMs: number },
): EvaluatedWindow {
  const fromMs =
    from === undefined
      ? startMs + Math.min(defaultHistoryMs, Math.floor((endMs - startMs) / 2))
      : readInstant('--from', from, zone);
  const toMs = to === undefined ? endMs : readInstant('--to', to, zone);
  const span = `the trace goes from ${instantText(startMs)} to ${instantText(endMs)}`;
  if (toMs <= fromMs)
    throw new PamError(
      'INVALID_INPUT',
      `--from ${instantText(fromMs)} is not before --to ${instantText(toMs)}; ${span}`,
    );
  if (fromMs >= endMs || toMs <= startMs)
    throw new PamError(
      'INVALID_INPUT',
      `nothing is between ${instantText(fromMs)} and ${instantText(toMs)}: ${span}`,
    );
  return { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, endMs) };
}
