/**
 * A season's curve of log demand that some library has fitted → a predictor: the curve, moved by as much of the present
 * residual as is usually left at the horizon. Plain data, so that any process can load it and forecast.
 */
import { PamError } from '../../../errors';
import { type DemandEvent, statedLog } from '../../../events/event';
import type { Predictor } from '../../calibration/calibratedModel';
import { decodeFloats, encodeFloats } from '../../encoding';
import type { Estimate } from '../../estimate';
import type { DemandView } from '../../features/demandView';
import { standingAt } from '../../features/eventDoubt';
import { roughnessRatio, usualRoughness } from '../../features/residualScale';
import type { FitOptions, Json } from '../../model';
import { horizonWindow, peakWindow, type TargetWindow } from '../../target';

/** Weight that a bin keeps in the present level one bin later. */
export const curveKeep = 0.4;
/** Least days of history for weekly terms; on less they explode. */
export const daysForWeekly = 14;

export interface SeasonalCurve {
  /** Log demand without events at evenly spaced points of the season, from midnight of day 0 of the epoch. */
  readonly grid: ArrayLike<number>;
  /** What an event of each kind adds. */
  readonly effects: { readonly [kind: string]: number };
}

export interface CurveState {
  readonly grid: Float32Array;
  readonly days: number;
  readonly effects: ReadonlyMap<string, number>;
  readonly usual: number;
  /** Per window end, ascending: the share of the present residual that is left there. */
  readonly persistence: readonly (readonly [to: number, share: number])[];
}

export class CurvePredictor implements Predictor {
  constructor(private readonly state: CurveState) {}

  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[] {
    const residual = level - this.at(view, view.length - 1, view.length);
    const spread = roughnessRatio(view, this.state.usual);
    return windows.map((window) => ({
      center: this.highest(view, view.length, window) + this.persistenceAt(window.to) * residual,
      spread,
      tail: spread,
    }));
  }

  serialize(): Json {
    const { grid, days, effects, usual, persistence } = this.state;
    return {
      grid: encodeFloats(grid),
      days,
      effects: Object.fromEntries(effects),
      usual,
      persistence: persistence.map((pair) => [...pair]),
    };
  }

  static load(state: Json | undefined, family: string): CurvePredictor {
    const { grid, days, effects, usual, persistence } = (state ?? {}) as { [key: string]: Json };
    const curve = decodeFloats(grid, 'curve');
    if (
      typeof days !== 'number' ||
      typeof usual !== 'number' ||
      !Array.isArray(persistence) ||
      curve.length === 0
    )
      throw new PamError('INVALID_DATA', `model state of family "${family}" is incomplete; train again`);
    return new CurvePredictor({
      grid: curve,
      days,
      effects: new Map(
        Object.entries((effects ?? {}) as { [kind: string]: Json }).map(([kind, effect]) => [
          kind,
          Number(effect),
        ]),
      ),
      usual,
      persistence: persistence.map((pair) =>
        Array.isArray(pair) ? [Number(pair[0]), Number(pair[1])] : [0, 0],
      ),
    });
  }

  /** The curve's highest log over a window of the decision before bin `index`. */
  highest(view: DemandView, index: number, window: TargetWindow): number {
    let highest = Number.NEGATIVE_INFINITY;
    for (let bin = index + window.from; bin <= index + window.to; bin++)
      highest = Math.max(highest, this.at(view, bin, index));
    return highest;
  }

  /**
   * The curve at the middle of a bin, linear between its points, with what is on then as it is known before bin `index`:
   * the expected effect of an event from there on, the measured effect before.
   */
  at(view: DemandView, bin: number, index: number): number {
    const { grid, days } = this.state;
    const { clock } = view.series;
    const timeMs = view.timeOf(bin) + clock.binMs / 2;
    const inDays = timeMs / clock.dayMs;
    const position = (inDays - Math.floor(inDays / days) * days) * (grid.length / days);
    const below = Math.floor(position) % grid.length;
    const low = grid[below]!;
    let log = low + (grid[(below + 1) % grid.length]! - low) * (position - Math.floor(position));
    for (const event of view.timeline.onAt(timeMs)) {
      const effect = this.effectOf(event, timeMs);
      if (effect === 0) continue;
      const { present, awaited } = standingAt(view, index, event, effect);
      log += effect * (bin < index ? present : awaited);
    }
    return log;
  }

  /** The learned effect of its kind, or the stated one if the kind is not known. */
  private effectOf(event: DemandEvent, timeMs: number): number {
    return this.state.effects.get(event.kind) ?? statedLog(event, timeMs);
  }

  private persistenceAt(to: number): number {
    const { persistence } = this.state;
    let nearest = persistence[0] ?? ([0, 0] as const);
    for (const pair of persistence) if (Math.abs(pair[0] - to) < Math.abs(nearest[0] - to)) nearest = pair;
    return nearest[1];
  }
}

/** The predictor of a curve of `days` days (1 or 7), with the persistence of its residuals learned from `view`. */
export function curvePredictor(
  view: DemandView,
  options: FitOptions,
  days: number,
  curve: SeasonalCurve,
): CurvePredictor {
  const state = {
    grid: Float32Array.from(curve.grid),
    days,
    effects: new Map(Object.entries(curve.effects).map(([kind, effect]) => [kind, Math.fround(effect)])),
    usual: usualRoughness(view),
  };
  const fixed = new CurvePredictor({ ...state, persistence: [] });
  const windows = [peakWindow(options.leadBins), ...options.horizonBins.map(horizonWindow)];
  return new CurvePredictor({
    ...state,
    persistence: windows
      .map((window) => [window.to, persistenceOf(fixed, view, window)] as const)
      .sort((a, b) => a[0] - b[0]),
  });
}

/** Least squares of the later residual on the present one, within 0 … 1. */
function persistenceOf(curve: CurvePredictor, view: DemandView, window: TargetWindow): number {
  const step = Math.max(1, Math.floor(view.length / 2_000));
  let cross = 0;
  let square = 0;
  for (let index = 1; index + window.to < view.length; index += step) {
    if (Number.isNaN(view.at(index - 1))) continue;
    const now = view.level(index, curveKeep) - curve.at(view, index - 1, index);
    const then = view.outcome(index, window) - curve.highest(view, index, window);
    if (Number.isNaN(then)) continue;
    cross += now * then;
    square += now * now;
  }
  return square === 0 ? 0 : Math.min(1, Math.max(0, cross / square));
}
