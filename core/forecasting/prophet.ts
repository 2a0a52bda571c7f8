/**
 * Prophet (Taylor and Letham 2018) as one family among others: a flat trend with daily, weekly and event terms on the
 * log of demand, moved by how far the latest bins are off it. Fitting is injected, since it needs WebAssembly; what is
 * fitted is plain data, so any process can load it and forecast.
 */
import { binsPerDay } from '../demand/clock';
import { PamError } from '../errors';
import { CalibratedModel, type Predictor } from './calibratedModel';
import type { DemandView } from './demandView';
import { decodeFloats, encodeFloats } from './encoding';
import type { Estimate } from './estimate';
import type { FitOptions, Json, ModelFamily } from './model';
import { fitRehearsed } from './rehearse';
import { roughnessRatio, usualRoughness } from './residualScale';
import { horizonWindow, peakWindow, type TargetWindow } from './target';

const family = 'prophet';
const version = 1;
const keep = 0.4;
/** Points a day of the stored curve, and most points that are fitted. */
const gridPerDay = 288;
const mostPoints = 3_000;
/** Weekly terms on less than this explode. */
const daysForWeekly = 14;

export interface CurveJob {
  /** Times of the points in seconds, ascending, on a clock whose day has 86,400. */
  readonly seconds: readonly number[];
  readonly logs: readonly number[];
  /** Days of the curve that is wanted: 7 with weekly terms, 1 without. */
  readonly days: 1 | 7;
  readonly gridPerDay: number;
  /** Occurrences of each kind of event, on the same clock. */
  readonly events: { readonly [kind: string]: readonly { readonly start: number; readonly end: number }[] };
}

export interface SeasonalCurve {
  /** Log demand without events at gridPerDay points for each of the days, from midnight of day 0 of the epoch. */
  readonly grid: readonly number[];
  /** What an event of each kind adds. */
  readonly effects: { readonly [kind: string]: number };
}

/** Fits the curve. Throws PamError INVALID_DATA where Prophet can't. */
export type FitCurve = (job: CurveJob) => Promise<SeasonalCurve>;

/** `fitCurve` null: a family that loads and forecasts but can't fit, for processes without WebAssembly. */
export function prophetFamily(fitCurve: FitCurve | null): ModelFamily {
  const minimumBins: ModelFamily['minimumBins'] = ({ clock }) => Math.max(60, 2 * binsPerDay(clock));
  return {
    name: family,
    minimumBins,
    async fit(history, context, options) {
      if (fitCurve === null)
        throw new PamError(
          'INVALID_INPUT',
          `"${family}" is fitted by the trainer's threads; pass the job to the trainer`,
        );
      const making = {
        family,
        version,
        keep,
        minimumBins: minimumBins(history),
        makePredictor: (view: DemandView, fitOptions: FitOptions) => fitPredictor(view, fitOptions, fitCurve),
      };
      return fitRehearsed(making, history, context, options);
    },
    load: (state) =>
      CalibratedModel.load(state, family, version, (predictor) => ProphetPredictor.load(predictor)),
  };
}

interface ProphetState {
  readonly grid: Float32Array;
  readonly days: number;
  readonly effects: ReadonlyMap<string, number>;
  readonly usual: number;
  /** Per window end, ascending: the share of the present residual that is left there. */
  readonly persistence: readonly (readonly [to: number, share: number])[];
}

class ProphetPredictor implements Predictor {
  constructor(private readonly state: ProphetState) {}

  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[] {
    const residual = level - this.at(view, view.length - 1);
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

  static load(state: Json | undefined): ProphetPredictor {
    const { grid, days, effects, usual, persistence } = (state ?? {}) as { [key: string]: Json };
    const curve = decodeFloats(grid, 'curve');
    if (
      typeof days !== 'number' ||
      typeof usual !== 'number' ||
      !Array.isArray(persistence) ||
      curve.length === 0
    )
      throw new PamError('INVALID_DATA', `model state of family "${family}" is incomplete; train again`);
    return new ProphetPredictor({
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
      highest = Math.max(highest, this.at(view, bin));
    return highest;
  }

  /** The curve at the middle of a bin, linear between its points, with what is on then. */
  at(view: DemandView, bin: number): number {
    const { grid, days, effects } = this.state;
    const { clock } = view.series;
    const timeMs = view.timeOf(bin) + clock.binMs / 2;
    const inDays = timeMs / clock.dayMs;
    const position = (inDays - Math.floor(inDays / days) * days) * (grid.length / days);
    const below = Math.floor(position) % grid.length;
    const low = grid[below]!;
    const curve = low + (grid[(below + 1) % grid.length]! - low) * (position - Math.floor(position));
    if (effects.size === 0) return curve;
    let effect = 0;
    for (const event of view.timeline.onAt(timeMs)) effect += effects.get(event.kind) ?? 0;
    return curve + effect;
  }

  private persistenceAt(to: number): number {
    const { persistence } = this.state;
    let nearest = persistence[0] ?? ([0, 0] as const);
    for (const pair of persistence) if (Math.abs(pair[0] - to) < Math.abs(nearest[0] - to)) nearest = pair;
    return nearest[1];
  }
}

async function fitPredictor(view: DemandView, options: FitOptions, fitCurve: FitCurve): Promise<Predictor> {
  const { clock } = view.series;
  const days = view.length >= daysForWeekly * binsPerDay(clock) ? 7 : 1;
  const block = Math.max(1, Math.ceil(view.length / mostPoints));
  const toSeconds = 86_400 / clock.dayMs;
  const seconds: number[] = [];
  const logs: number[] = [];
  for (let from = 0; from < view.length; from += block) {
    const to = Math.min(view.length, from + block);
    const mean = view.mean(from, to);
    if (Number.isNaN(mean)) continue;
    seconds.push(((view.timeOf(from) + view.timeOf(to)) / 2) * toSeconds);
    logs.push(mean);
  }
  const startMs = view.timeOf(0);
  const endMs = view.timeOf(view.length);
  const events: Record<string, { start: number; end: number }[]> = {};
  for (const { kind, startMs: from, endMs: to } of view.timeline.overlapping(startMs, endMs)) {
    events[kind] ??= [];
    events[kind].push({ start: from * toSeconds, end: to * toSeconds });
  }
  const curve = await fitCurve({ seconds, logs, days, gridPerDay, events });
  const state = {
    grid: Float32Array.from(curve.grid),
    days,
    effects: new Map(Object.entries(curve.effects).map(([kind, effect]) => [kind, Math.fround(effect)])),
    usual: usualRoughness(view),
  };
  const fixed = new ProphetPredictor({ ...state, persistence: [] });
  const windows = [peakWindow(options.leadBins), ...options.horizonBins.map(horizonWindow)];
  return new ProphetPredictor({
    ...state,
    persistence: windows
      .map((window) => [window.to, persistenceOf(fixed, view, window)] as const)
      .sort((a, b) => a[0] - b[0]),
  });
}

/** Least squares of the later residual on the present one, within 0 … 1. */
function persistenceOf(curve: ProphetPredictor, view: DemandView, window: TargetWindow): number {
  const step = Math.max(1, Math.floor(view.length / 2_000));
  let cross = 0;
  let square = 0;
  for (let index = 1; index + window.to < view.length; index += step) {
    if (Number.isNaN(view.at(index - 1))) continue;
    const now = view.level(index, keep) - curve.at(view, index - 1);
    const then = view.outcome(index, window) - curve.highest(view, index, window);
    if (Number.isNaN(then)) continue;
    cross += now * then;
    square += now * now;
  }
  return square === 0 ? 0 : Math.min(1, Math.max(0, cross / square));
}
