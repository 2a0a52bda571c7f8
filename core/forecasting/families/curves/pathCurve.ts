/**
 * A forecaster of evenly spaced values (MSTL, ETS) as a model family: its path over the coming season, stored as a
 * curve and moved by the latest bins. The forecaster is injected, since it needs WebAssembly.
 */
import { binsPerDay } from '../../../demand/clock';
import { PamError } from '../../../errors';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { fitRehearsed } from '../../calibration/rehearse';
import type { DemandView } from '../../features/demandView';
import { type EvenLogs, evenLogs } from '../../features/evenLogs';
import { learnEffects } from '../../features/eventEffects';
import type { FitOptions, ModelFamily } from '../../model';
import { CurvePredictor, curveKeep, curvePredictor, daysForWeekly } from './seasonalCurve';

/** Values without gaps → the next `ahead` of them. Throws PamError INVALID_DATA where the method can't. */
export type ForecastPath = (job: PathJob) => Promise<ArrayLike<number>>;

export interface PathJob {
  readonly values: Float64Array;
  /** Seasons to model, in values, ascending; the series holds at least two of each. */
  readonly periods: readonly number[];
  readonly ahead: number;
}

export interface PathFamily {
  readonly family: string;
  readonly version: number;
  /** Most slots a day that are fitted. */
  readonly mostSlots: number;
  /** The `ahead` slots of log demand after `logs`; `season` is a day or a week of slots. */
  path(
    logs: Float64Array,
    slotsPerDay: number,
    season: number,
    ahead: number,
    forecast: ForecastPath,
  ): Promise<ArrayLike<number>>;
}

/** With fewer occurrences of a kind the stated uplift counts. */
const fewestOccurrences = 2;
/** Below this range of logs there is nothing to fit. */
const leastRange = 1e-9;

/** `forecast` null: a family that loads and forecasts but can't fit, for processes without WebAssembly. */
export function pathFamily(made: PathFamily, forecast: ForecastPath | null): ModelFamily {
  const { family, version } = made;
  // Two seasons, also in the first 70 %, which the rehearsal is fitted on: three days, of which two were measured.
  const minimumBins: ModelFamily['minimumBins'] = ({ clock, counts }) => {
    const day = binsPerDay(clock);
    return Math.max(60, (counts.length < 3 * day ? 3 : 2) * day);
  };
  return {
    name: family,
    expense: 'costly',
    minimumBins,
    async fit(history, context, options) {
      if (forecast === null)
        throw new PamError(
          'INVALID_INPUT',
          `"${family}" is fitted by the trainer's threads; pass the job to the trainer`,
        );
      return fitRehearsed(
        {
          family,
          version,
          keep: curveKeep,
          minimumBins: minimumBins(history),
          makePredictor: (view, fitOptions) => fitPredictor(made, view, fitOptions, forecast),
        },
        history,
        context,
        options,
      );
    },
    load: (state) =>
      CalibratedModel.load(state, family, version, (predictor) => CurvePredictor.load(predictor, family)),
  };
}

async function fitPredictor(
  made: PathFamily,
  view: DemandView,
  options: FitOptions,
  forecast: ForecastPath,
): Promise<Predictor> {
  const effects = new Map(
    [...learnEffects(view, options.leadBins + 1)]
      .filter(([, { occurrences }]) => occurrences >= fewestOccurrences)
      .map(([kind, { step }]) => [kind, step]),
  );
  const lift = (timeMs: number) => {
    let sum = 0;
    for (const { kind } of view.timeline.onAt(timeMs)) sum += effects.get(kind) ?? 0;
    return sum;
  };
  const even = evenLogs(view, made.mostSlots, lift);
  const { slotsPerDay, logs, measured } = even;
  const days = logs.length >= daysForWeekly * slotsPerDay ? 7 : 1;
  if (logs.length < 2 * slotsPerDay || measured < slotsPerDay)
    throw new PamError(
      'INVALID_DATA',
      `"${made.family}" needs two seasons, of which one measured; the history to fit has ${(logs.length / slotsPerDay).toFixed(1)} days with ${(measured / slotsPerDay).toFixed(1)} measured`,
    );
  const path =
    rangeOf(logs) < leastRange
      ? new Float64Array(days * slotsPerDay).fill(logs[0]!)
      : await made.path(logs, slotsPerDay, days * slotsPerDay, days * slotsPerDay, forecast);
  return curvePredictor(view, options, days, {
    grid: curveOf(path, even, days),
    effects: Object.fromEntries(effects),
  });
}

function rangeOf(values: Float64Array): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

/**
 * The path, which begins after the last slot, in the order of the week; its points stand for the middles of slots, the
 * curve's for their beginnings.
 */
function curveOf(path: ArrayLike<number>, { logs, slotsPerDay, firstSlot }: EvenLogs, days: number) {
  const size = days * slotsPerDay;
  const next = firstSlot + logs.length;
  const middles = new Float64Array(size);
  for (let step = 0; step < size; step++) middles[(next + step) % size] = path[step]!;
  return middles.map((middle, slot) => (middle + middles[(slot + size - 1) % size]!) / 2);
}
