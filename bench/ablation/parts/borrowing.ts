/**
 * A category that begins beside trained ones, until it has a model of its own → what borrowing models brings over the last
 * value. The choice is production's, asked bin by bin.
 */
import { type DemandSeries, measuredBins, sliceSeries } from '../../../core/demand/series';
import { familyNamed } from '../../../core/forecasting/families/families';
import { lastValueFamily } from '../../../core/forecasting/families/naive/lastValue';
import { baselineBins, fewestBinsToTrain } from '../../../core/forecasting/trainingWindow';
import { type Borrowing, borrowingNow, type Lender, mostLenders } from '../../../core/serving/borrowing';
import { forecastUpToDate } from '../../../core/serving/modelInService';
import type { StoredFit } from '../../../simulation/replayedModel';
import { fitAt, queryFor } from '../../drift/runForecasts';
import { secondsSince } from '../replay/streams';

/** Plain data. Peaks at the probabilities that were asked for, from the first bin on; null before anything can be said. */
export interface Begun {
  readonly category: string;
  readonly startMs: number;
  readonly binMs: number;
  readonly leadBins: number;
  /** Demand of these bins; null where missing. */
  readonly counts: readonly (number | null)[];
  readonly anchors: readonly (readonly number[] | null)[];
  /** Of a borrowed model; null where none was. */
  readonly borrowed: readonly (readonly number[] | null)[];
  /** Processor time of all judgements, and of the forecasts that followed. */
  readonly seconds: number;
}

export interface Beginning {
  /** All categories there are, the new one included. */
  readonly all: ReadonlyMap<string, DemandSeries>;
  readonly category: string;
  readonly startMs: number;
  readonly seed: number;
  /** Models of other categories by name, trained once for all that begin at the same time. */
  readonly trained: Map<string, StoredFit>;
}

/** Its own training is due at 240 measured bins. */
export async function begin({ all, category, startMs, seed, trained }: Beginning): Promise<Begun> {
  const series = all.get(category)!;
  const { binMs } = series.clock;
  const query = queryFor(series);
  const others = [...all].filter(([name]) => name !== category).slice(0, mostLenders);
  for (const [name, own] of others)
    if (!trained.has(name)) trained.set(name, await trainedModel(name, own, startMs, seed));
  const lendersAt = async (nowMs: number): Promise<Lender[]> =>
    others.map(([name]) => {
      const { state, ...facts } = trained.get(name)!;
      const model = familyNamed(facts.family).load(state);
      return { category: name, model: { ...facts, model, caughtUpToMs: nowMs } };
    });
  const context = { events: [] };
  const anchors: (readonly number[] | null)[] = [];
  const borrowed: (readonly number[] | null)[] = [];
  let borrowing: Borrowing | null = null;
  let seconds = 0;
  for (let bin = 0; bin < fewestBinsToTrain; bin++) {
    const nowMs = startMs + bin * binMs;
    const recent = sliceSeries(series, startMs, nowMs);
    anchors.push(await anchorPeak(sliceSeries(recent, nowMs - baselineBins * binMs, nowMs)));
    const before = process.cpuUsage();
    if (bin > 0) borrowing = await borrowingNow(borrowing, recent, query, context, () => lendersAt(nowMs));
    const model = borrowing?.borrowed?.model ?? null;
    borrowed.push(model === null ? null : forecastUpToDate(model, recent, query, context).peak);
    seconds += secondsSince(before);
  }
  const from = Math.round((startMs - series.startMs) / binMs);
  const counts = [...series.counts.subarray(from, from + fewestBinsToTrain)];
  return {
    ...{ category, startMs, binMs, leadBins: query.leadBins, anchors, borrowed, seconds },
    counts: counts.map((count) => (Number.isNaN(count) ? null : count)),
  };
}

/** Fitted on what was known of the other category when the new one began; of a trace of another time on all of it. */
async function trainedModel(
  name: string,
  series: DemandSeries,
  startMs: number,
  seed: number,
): Promise<StoredFit> {
  const at = Math.round((startMs - series.startMs) / series.clock.binMs);
  const overlaps = at > 0 && at <= series.counts.length;
  const {
    model,
    caughtUpToMs: _,
    ...facts
  } = await fitAt(series, overlaps ? at : series.counts.length, null, `model-of-${name}`, seed);
  return { ...facts, state: model.serialize() };
}

async function anchorPeak(recent: DemandSeries): Promise<readonly number[] | null> {
  if (measuredBins(recent) < lastValueFamily.minimumBins(recent)) return null;
  const query = queryFor(recent);
  const model = await lastValueFamily.fit(recent, { events: [] }, { ...query, seed: 1 });
  return model.forecast(recent, query, { events: [] }).peak;
}
