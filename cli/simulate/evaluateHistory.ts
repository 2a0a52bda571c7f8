/** A history and the options of a command → the traces that are evaluated, and their window. */
import { seriesEndMs } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import { instantText } from '../../core/time/instantText';
import { evaluatedTrace } from '../../simulation/evaluatedTrace';
import type { EvaluatedTrace } from '../../simulation/replay';
import type { ReplayedHistory } from './history';
import { type EvaluatedWindow, readWindow } from './options';

export interface EvaluateHistoryOptions {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly zone: string | undefined;
  readonly leadMs: number;
  readonly capacity: number | 'auto';
  readonly complain: (message: string) => void;
}

/**
 * The traces are on the grid of their series, the window is in the times of the history. A category without a row in
 * the window is left out with a notice. Throws PamError INVALID_INPUT for a window outside the history, INVALID_DATA
 * if no category has a row in it.
 */
export function evaluateHistory(
  { name, categories, offsetMs }: ReplayedHistory,
  { from, to, zone, leadMs, capacity, complain }: EvaluateHistoryOptions,
): { readonly window: EvaluatedWindow; readonly evaluated: readonly EvaluatedTrace[] } {
  const window = readWindow(from, to, zone, {
    startMs: Math.min(...categories.map(({ series }) => series.startMs)) + offsetMs,
    endMs: Math.max(...categories.map(({ series }) => seriesEndMs(series))) + offsetMs,
  });
  const evaluated: EvaluatedTrace[] = [];
  for (const { name: category, series, events } of categories) {
    const trace = evaluatedTrace(category, series, {
      fromMs: window.fromMs - offsetMs,
      toMs: window.toMs - offsetMs,
      leadMs,
      capacity,
      events: events.map((event) => ({
        ...event,
        startMs: event.startMs - offsetMs,
        endMs: event.endMs - offsetMs,
      })),
    });
    const { fromBin, toBin } = trace;
    if (series.counts.subarray(fromBin, toBin).some((count) => !Number.isNaN(count))) evaluated.push(trace);
    else complain(`"${category}" has no row in the evaluated window and is left out`);
  }
  if (evaluated.length === 0)
    throw new PamError(
      'INVALID_DATA',
      `${name} has no row between ${instantText(window.fromMs)} and ${instantText(window.toMs)}`,
    );
  return { window, evaluated };
}
