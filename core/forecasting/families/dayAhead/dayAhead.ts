/**
 * The automatic choice for horizons of hours to a day, as a family: the combination of seasonal methods, on hourly
 * means of log demand. Fits in core within a second; minutes ahead it knows less than the families made for that.
 */
import { binsPerDay } from '../../../demand/clock';
import type { DemandSeries } from '../../../demand/series';
import { PamError } from '../../../errors';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { fitRehearsed } from '../../calibration/rehearse';
import type { Estimate } from '../../estimate';
import { DemandView, logOffset } from '../../features/demandView';
import { evenLogs } from '../../features/evenLogs';
import { roughnessRatio, usualRoughness } from '../../features/residualScale';
import type { FitOptions, Json, ModelFamily } from '../../model';
import type { TargetWindow } from '../../target';
import { dayAheadMethods } from './dayAheadMethods';
import { fitSeasonalCombination, SeasonalCombination } from './seasonalCombination';

const family = 'day-ahead';
const version = 1;
const keep = 0.4;
/** Slots a day. */
const mostSlots = 24;
/** Two weeks and a day: the farthest that the methods look back. */
const contextDays = 16;

export const dayAheadFamily: ModelFamily = {
  name: family,
  expense: 'costly',
  // Two days, also in the first 70 %, which the rehearsal is fitted on: three, of which two were measured.
  minimumBins: ({ clock, counts }) => {
    const day = binsPerDay(clock);
    return Math.max(60, (counts.length < 3 * day ? 3 : 2) * day);
  },
  fit: (history, context, options) =>
    fitRehearsed(
      {
        family,
        version,
        keep,
        minimumBins: dayAheadFamily.minimumBins(history),
        contextBins: contextDays * binsPerDay(history.clock),
        symmetricFromBins: binsPerDay(history.clock) / 4,
        makePredictor: fitPredictor,
      },
      history,
      context,
      options,
    ),
  load: (state) =>
    CalibratedModel.load(state, family, version, (predictor) => {
      const { combination, usual } = (predictor ?? {}) as { combination?: Json; usual?: Json };
      if (typeof usual !== 'number')
        throw new PamError('INVALID_DATA', `model state of family "${family}" is incomplete; train again`);
      return new DayAheadPredictor(SeasonalCombination.load(combination, dayAheadMethods), usual);
    }),
};

class DayAheadPredictor implements Predictor {
  constructor(
    private readonly combination: SeasonalCombination,
    private readonly usual: number,
  ) {}

  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[] {
    const spread = roughnessRatio(view, this.usual);
    const { binMs, dayMs } = view.series.clock;
    const series = evenLogs(view, mostSlots);
    const { slotsPerDay, measured, logs } = series;
    const slotBins = Math.round(dayMs / slotsPerDay / binMs);
    const startMs = view.timeOf(0);
    const slotMs = slotBins * binMs;
    // The path begins after the last whole slot, which may have ended before now.
    const firstMs = Math.ceil(startMs / slotMs) * slotMs;
    const pathMs = firstMs + logs.length * slotMs;
    const behind = Math.round((view.timeOf(view.length) - pathMs) / binMs);
    const farthest = windows.reduce((most, { to }) => Math.max(most, to), 0);
    const ahead = Math.floor((behind + farthest) / slotBins) + 2;
    const path =
      measured === 0
        ? new Float64Array(ahead).fill(level)
        : this.combination.path({ values: logs, slotsPerDay, firstSlot: series.firstSlot }, ahead);
    const before = logs.at(-1) ?? level;
    const at = (bin: number): number => {
      // Between the middles of slots, of which the last measured one is the first.
      const position = (behind + bin + 0.5) / slotBins - 0.5;
      const below = Math.floor(position);
      const low = below < 0 ? before : path[below]!;
      const high = path[below + 1] ?? low;
      return low + (high - low) * (position - below);
    };
    return windows.map(({ from, to }) => {
      let center = Number.NEGATIVE_INFINITY;
      for (let bin = from; bin <= to; bin++) center = Math.max(center, at(bin));
      return { center, spread, tail: spread };
    });
  }

  serialize(): Json {
    return { combination: this.combination.serialize(), usual: this.usual };
  }
}

/**
 * A history and how many of its bins ahead → their expected counts (medians), by a combination fitted on all of it, in
 * slots of an hour or of a coarser bin. Throws PamError INVALID_DATA below a day.
 */
export async function dayAheadPath(history: DemandSeries, ahead: number): Promise<Float64Array> {
  const { clock, counts } = history;
  if (binsPerDay(clock) > mostSlots)
    throw new PamError('INVALID_INPUT', `a path of slots needs bins of an hour, not of ${clock.binMs} ms`);
  const view = new DemandView(history, logOffset(counts), []);
  const { logs, slotsPerDay, firstSlot } = evenLogs(view, mostSlots);
  const series = { values: logs, slotsPerDay, firstSlot };
  const combination = await fitSeasonalCombination(series, ahead, dayAheadMethods);
  return combination.path(series, ahead).map((log) => Math.max(0, Math.exp(log) - view.offset));
}

async function fitPredictor(view: DemandView, options: FitOptions): Promise<Predictor> {
  const { logs, slotsPerDay, firstSlot } = evenLogs(view, mostSlots);
  const { binMs, dayMs } = view.series.clock;
  const farthest = Math.max(options.leadBins + 1, ...options.horizonBins);
  const ahead = Math.ceil((farthest * binMs * slotsPerDay) / dayMs) + 2;
  const combination = await fitSeasonalCombination(
    { values: logs, slotsPerDay, firstSlot },
    ahead,
    dayAheadMethods,
  );
  return new DayAheadPredictor(combination, usualRoughness(view));
}
