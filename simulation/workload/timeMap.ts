/**
 * Trace time ↔ real time of a replay. One trace bin takes one real bin, so days, lead times and events scale alike,
 * and nothing in the system needs a fake clock.
 */
import { PamError } from '../../core/errors';
import { instantText } from '../../core/time/instantText';

export interface TimeMapOptions {
  /** Start of the played window in the trace, ms since the epoch; a multiple of `traceBinMs`. */
  readonly traceFromMs: number;
  /** When that instant is played, ms since the epoch; a multiple of `realBinMs`. */
  readonly realFromMs: number;
  readonly traceBinMs: number;
  readonly realBinMs: number;
}

export interface TimeMap extends TimeMapOptions {
  toReal(traceMs: number): number;
  toTrace(realMs: number): number;
}

/** Throws PamError INVALID_INPUT if the two starts are not on their grids, because then bins would be split. */
export function timeMap(options: TimeMapOptions): TimeMap {
  const { traceFromMs, realFromMs, traceBinMs, realBinMs } = options;
  for (const [what, value, step] of [
    ['trace', traceFromMs, traceBinMs],
    ['real', realFromMs, realBinMs],
  ] as const)
    if (!(step > 0) || value % step !== 0)
      throw new PamError(
        'INVALID_INPUT',
        `the ${what} start ${instantText(value)} is not on the grid of ${step} ms; expected the start of a bin`,
      );
  const scale = realBinMs / traceBinMs;
  return {
    ...options,
    toReal: (traceMs) => Math.round(realFromMs + (traceMs - traceFromMs) * scale),
    toTrace: (realMs) => traceFromMs + (realMs - realFromMs) / scale,
  };
}
