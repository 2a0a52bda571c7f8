/**
 * Prophet (Taylor and Letham 2018) as one family among others: a flat trend with daily, weekly and event terms on the
 * log of demand, moved by how far the latest bins are off it. Fitting is injected, since it needs WebAssembly; what is
 * fitted is plain data, so any process can load it and forecast.
 */
import { binsPerDay } from '../../../demand/clock';
import { PamError } from '../../../errors';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { fitRehearsed } from '../../calibration/rehearse';
import type { DemandView } from '../../features/demandView';
import type { FitOptions, ModelFamily } from '../../model';
import {
  CurvePredictor,
  curveKeep,
  curvePredictor,
  daysForWeekly,
  type SeasonalCurve,
} from './seasonalCurve';

const family = 'prophet';
const version = 1;
/** Points a day of the stored curve, and most points that are fitted. */
const gridPerDay = 288;
const mostPoints = 3_000;

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

/** Fits the curve. Throws PamError INVALID_DATA where Prophet can't. */
export type FitCurve = (job: CurveJob) => Promise<SeasonalCurve>;

/** `fitCurve` null: a family that loads and forecasts but can't fit, for processes without WebAssembly. */
export function prophetFamily(fitCurve: FitCurve | null): ModelFamily {
  const minimumBins: ModelFamily['minimumBins'] = ({ clock }) => Math.max(60, 2 * binsPerDay(clock));
  return {
    name: family,
    expense: 'costly',
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
        keep: curveKeep,
        minimumBins: minimumBins(history),
        makePredictor: (view: DemandView, fitOptions: FitOptions) => fitPredictor(view, fitOptions, fitCurve),
      };
      return fitRehearsed(making, history, context, options);
    },
    load: (state) =>
      CalibratedModel.load(state, family, version, (predictor) => CurvePredictor.load(predictor, family)),
  };
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
  return curvePredictor(view, options, days, curve);
}
