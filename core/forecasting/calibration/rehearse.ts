/**
 * A function that fits a predictor, and a history → a calibrated model. The predictor is fitted on the early part and
 * replayed through the late part as in production. The calibration learned there goes to the model fitted on all of it.
 */
import { binsPerDay } from '../../demand/clock';
import { type DemandSeries, measuredBins, sliceSeries } from '../../demand/series';
import { PamError } from '../../errors';
import { DemandView, logOffset } from '../features/demandView';
import { EventTimeline, kindsOf } from '../features/eventTimeline';
import { featureReach } from '../features/features';
import type { FitOptions, ForecastContext } from '../model';
import { CalibratedModel, type CalibratedState, type Predictor } from './calibratedModel';
import { usualCalibration } from './scoreCalibration';

/** Share of the history that calibration is learned on, and the most decisions that are rehearsed there. */
const lateShare = 0.3;
const mostRehearsed = 2_500;

export interface Making {
  readonly family: string;
  readonly version: number;
  readonly keep: number;
  readonly minimumBins: number;
  /** How many of the latest bins a forecast looks at, where the features' reach is not enough. */
  readonly contextBins?: number;
  /** Bins ahead from which errors of a window count with both signs. Absent: never. */
  readonly symmetricFromBins?: number;
  /** `view` holds the part of the history that may be learned from. */
  makePredictor(view: DemandView, options: FitOptions): Predictor | Promise<Predictor>;
}

export async function fitRehearsed(
  making: Making,
  history: DemandSeries,
  context: ForecastContext,
  options: FitOptions,
): Promise<CalibratedModel> {
  const measured = measuredBins(history);
  if (measured < making.minimumBins)
    throw new PamError(
      'INVALID_DATA',
      `"${making.family}" needs at least ${making.minimumBins} measured bins, the history has ${measured}`,
    );
  const { clock, startMs, counts } = history;
  const kinds = kindsOf(context.events);
  const offset = logOffset(counts);
  const timeline = new EventTimeline(context.events, clock.dayMs, kinds);
  const farthest = Math.max(options.leadBins + 1, ...options.horizonBins);
  const stateAt = (view: DemandView): CalibratedState => ({
    family: making.family,
    version: making.version,
    offset,
    keep: making.keep,
    lastLevel: view.level(view.length, making.keep),
    fittedBins: view.length,
    highest: view.max(0, view.length),
    contextBins: Math.max(featureReach(binsPerDay(clock)) + farthest, making.contextBins ?? 0),
    kinds,
    calibration: usualCalibration,
  });
  const cut = Math.floor(counts.length * (1 - lateShare));
  const early = new DemandView(sliceSeries(history, startMs, startMs + cut * clock.binMs), offset, timeline);
  const whole = new DemandView(history, offset, timeline);
  const rehearsal = new CalibratedModel(
    {
      ...stateAt(whole),
      lastLevel: Number.isNaN(stateAt(early).lastLevel) ? stateAt(whole).lastLevel : stateAt(early).lastLevel,
    },
    await making.makePredictor(early, options),
    [],
  );
  const query = { ...options, probabilities: [0.5] };
  const step = Math.max(1, Math.ceil((counts.length - cut) / mostRehearsed));
  for (let index = cut; index <= counts.length; index += step) {
    const originMs = startMs + index * clock.binMs;
    rehearsal.forecast(
      sliceSeries(history, originMs - rehearsal.contextBins * clock.binMs, originMs),
      query,
      context,
    );
  }
  return new CalibratedModel(
    stateAt(whole),
    await making.makePredictor(whole, options),
    rehearsal.calibrationScores().map(({ window, scores }) => ({
      window,
      // Far ahead, some days of errors hold only a few independent ones, so their mean is not a bias to correct.
      scores: window.to >= (making.symmetricFromBins ?? Number.POSITIVE_INFINITY) ? mirrored(scores) : scores,
    })),
  );
}

function mirrored(scores: readonly number[]): number[] {
  return scores.flatMap((score) => [score, -score]);
}
