/** Real demand → what it would be had it changed; a part of a trace → models that were fitted on a wrong history of it. */
import { type DemandSeries, sliceSeries } from '../../../core/demand/series';
import { familyNamed } from '../../../core/forecasting/families/families';
import type { FittedModel } from '../../../core/forecasting/model';
import { trainingDays } from '../../../core/forecasting/trainingWindow';
import { seededRandom } from '../../../core/statistics/random';
import { type Injection, injected, queryFor } from '../../drift/runForecasts';

/** `rougher demand`: what a bin differs from the hour around it, squared. */
export type Change = Injection | 'rougher demand';
export const changes: readonly Change[] = ['doubled level', 'lost season', 'shifted phase', 'rougher demand'];

/**
 * What a model that serves was fitted on by mistake: the demand of six hours before, as where an import is read in a wrong
 * time zone; another category's; a history in which three of ten bins are 0 where they should be missing.
 */
export type Failure = 'another time zone' | 'another category' | 'zeros for gaps';
export const failures: readonly Failure[] = ['another time zone', 'another category', 'zeros for gaps'];

const zoneMs = 6 * 3_600_000;
const lostShare = 0.3;
const aroundBins = 30;

/** The series with a change from bin `fromBin` on, `bins` long. */
export function changed(series: DemandSeries, fromBin: number, what: Change, bins: number): DemandSeries {
  if (what !== 'rougher demand') return injected(series, fromBin, what, bins);
  const counts = series.counts.slice(0, fromBin + bins);
  for (let bin = fromBin; bin < fromBin + bins; bin++) {
    let sum = 0;
    let measured = 0;
    for (let near = bin - aroundBins; near <= bin + aroundBins; near++) {
      const count = series.counts[near] ?? Number.NaN;
      if (Number.isNaN(count)) continue;
      sum += count;
      measured++;
    }
    const mean = measured === 0 ? 0 : sum / measured;
    if (mean > 0) counts[bin] = counts[bin]! ** 2 / mean;
  }
  return { ...series, counts };
}

export async function misfitted(
  what: Failure,
  { series, foreign, seed }: { series: DemandSeries; foreign: DemandSeries; seed: number },
  bin: number,
): Promise<FittedModel> {
  const own = what === 'another category' ? foreign : series;
  const { binMs, dayMs } = own.clock;
  const endMs =
    what === 'another category' ? own.startMs + own.counts.length * binMs : own.startMs + bin * binMs;
  const historyMs = trainingDays * dayMs;
  const { leadBins, horizonBins } = queryFor(own);
  return familyNamed('boosted').fit(
    historyFor(what, own, endMs, historyMs, seed),
    { events: [] },
    {
      ...{ leadBins, horizonBins, seed },
    },
  );
}

function historyFor(
  what: Failure,
  own: DemandSeries,
  endMs: number,
  historyMs: number,
  seed: number,
): DemandSeries {
  if (what === 'another time zone') {
    const earlier = sliceSeries(own, endMs - historyMs - zoneMs, endMs - zoneMs);
    return { ...earlier, startMs: earlier.startMs + zoneMs, counts: earlier.counts.slice() };
  }
  const history = sliceSeries(own, endMs - historyMs, endMs);
  const counts = history.counts.slice();
  const random = seededRandom(seed);
  if (what === 'zeros for gaps')
    for (let at = 0; at < counts.length; at++) if (random() < lostShare) counts[at] = 0;
  return { ...history, counts };
}
