/** A change of demand, and the moment at which a test for drift alarms → what the training that is started then would choose. */

import { holdBinsOf } from '../../../core/capacity/hold';
import { defaultScaleDownHoldMs } from '../../../core/capacity/plan';
import { binsPerDay } from '../../../core/demand/clock';
import { sliceSeries } from '../../../core/demand/series';
import { foldsOf } from '../../../core/evaluation/costs/folds';
import { judgeConfiguration } from '../../../core/evaluation/selection/judge';
import {
  type Configuration,
  chooseContender,
  described,
  lossOf,
} from '../../../core/evaluation/selection/selection';
import { familyNamed } from '../../../core/forecasting/families/families';
import { trainingDays } from '../../../core/forecasting/trainingWindow';
import { firstFitDays } from '../../drift/parts';
import { queryFor } from '../../drift/runForecasts';
import { type Change, changed } from '../replay/scenarios';
import type { Branch, ServiceOptions } from '../replay/service';
import { acceptedRisk, swept } from '../replay/waste';

export interface Retraining {
  readonly what: Change;
  readonly fromBin: number;
  /** Bins from the change to the alarm; null: there was none, and nothing was trained. */
  readonly afterBins: number | null;
  readonly outcome: string | null;
  readonly promoted: string | null;
  readonly wastes: Readonly<Record<string, number>>;
}

const own: Configuration = { family: 'boosted', days: trainingDays, parameters: {} };
/** Of the wider search what could win after a change: shorter windows, and the family that learns from every outcome. */
const others: readonly Configuration[] = [
  { ...own, days: 7 },
  { ...own, days: 3 },
  { ...own, family: 'online-linear' },
];

/**
 * The model in use was fitted within the last day, so all of its folds are decided by its configuration fitted for them, as
 * those of the same configuration fitted anew are: `judgeConfiguration` gives both the same blocks, which are taken once.
 */
export async function retrainingOf(
  { series, seed }: ServiceOptions,
  { what, fromBin, refits, served }: Branch,
): Promise<Retraining> {
  const change = what as Change;
  const [afterBins = null] = refits;
  if (afterBins === null)
    return { what: change, fromBin, afterBins, outcome: null, promoted: null, wastes: {} };
  const { clock } = series;
  const other = changed(series, fromBin, change, served.length + 6);
  const endMs = series.startMs + (fromBin + afterBins) * clock.binMs;
  const history = sliceSeries(other, endMs - trainingDays * clock.dayMs, endMs);
  const { leadBins, horizonBins } = queryFor(series);
  const judging = {
    folds: foldsOf(history),
    risks: swept,
    holdBins: holdBinsOf(defaultScaleDownHoldMs, clock.binMs),
  };
  const judged = [];
  for (const configuration of [own, ...others])
    judged.push({
      modelId: described(configuration),
      configuration,
      blocks: await judgeConfiguration({
        family: familyNamed(configuration.family),
        ...{
          configuration,
          history,
          judging,
          context: { events: [] },
          options: { leadBins, horizonBins, seed },
        },
      }),
    });
  const day = binsPerDay(clock);
  const unseenBins = (fromBin + afterBins - firstFitDays * day) % day;
  const choice = chooseContender(
    judged,
    { ...judged[0]!, modelId: 'in use', unseenBins },
    { risk: acceptedRisk, refreshBins: day },
  );
  return {
    ...{ what: change, fromBin, afterBins, outcome: choice.outcome, promoted: choice.promoted },
    wastes: Object.fromEntries(
      judged.flatMap(({ modelId, blocks }) => (blocks === null ? [] : [[modelId, lossOf(blocks, swept)]])),
    ),
  };
}
