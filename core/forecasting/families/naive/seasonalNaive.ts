/** The seasonal naive forecast: what the same window was a season ago, a day or a week, whichever missed less; calibrated. */
import { binsPerDay } from '../../../demand/clock';
import { PamError } from '../../../errors';
import { CalibratedModel, type Predictor } from '../../calibration/calibratedModel';
import { fitRehearsed } from '../../calibration/rehearse';
import type { Estimate } from '../../estimate';
import type { DemandView } from '../../features/demandView';
import { roughnessRatio, usualRoughness } from '../../features/residualScale';
import type { Json, ModelFamily } from '../../model';
import type { TargetWindow } from '../../target';

const family = 'seasonal-naive';
const version = 1;
const keep = 0.4;

export const seasonalNaiveFamily: ModelFamily = {
  name: family,
  minimumBins: ({ clock }) => Math.max(30, Math.ceil(1.2 * binsPerDay(clock))),
  fit: (history, context, options) =>
    fitRehearsed(
      {
        family,
        version,
        keep,
        minimumBins: seasonalNaiveFamily.minimumBins(history),
        makePredictor: (view) => new SeasonalNaivePredictor(betterSeason(view), usualRoughness(view)),
      },
      history,
      context,
      options,
    ),
  load: (state) =>
    CalibratedModel.load(state, family, version, (predictor) => {
      const { days, usual } = (predictor ?? {}) as { days?: Json; usual?: Json };
      if (typeof days !== 'number' || typeof usual !== 'number')
        throw new PamError('INVALID_DATA', `model state of family "${family}" lacks its season; train again`);
      return new SeasonalNaivePredictor(days, usual);
    }),
};

class SeasonalNaivePredictor implements Predictor {
  constructor(
    private readonly days: number,
    private readonly usual: number,
  ) {}

  estimate(view: DemandView, windows: readonly TargetWindow[], level: number): Estimate[] {
    const spread = roughnessRatio(view, this.usual);
    return windows.map((window) => ({ center: this.seasonAgo(view, window) ?? level, spread, tail: spread }));
  }

  serialize(): Json {
    return { days: this.days, usual: this.usual };
  }

  /** The window one season back, or as many as it takes to lie in the past; a missing one falls back to a day. */
  private seasonAgo(view: DemandView, window: TargetWindow): number | null {
    const day = binsPerDay(view.series.clock);
    for (const days of this.days === 1 ? [1, 7] : [7, 1]) {
      const back = Math.ceil((window.to + 1) / (days * day)) * days * day;
      const log = view.outcome(view.length - back, window);
      if (!Number.isNaN(log)) return log;
    }
    return null;
  }
}

function betterSeason(view: DemandView): number {
  const day = binsPerDay(view.series.clock);
  const missed = (days: number): number => {
    let sum = 0;
    let pairs = 0;
    for (let index = 7 * day; index < view.length; index++) {
      const miss = Math.abs(view.at(index) - view.at(index - days * day));
      if (Number.isNaN(miss)) continue;
      sum += miss;
      pairs++;
    }
    return pairs < day ? Number.POSITIVE_INFINITY : sum / pairs;
  };
  return missed(7) < missed(1) ? 7 : 1;
}
