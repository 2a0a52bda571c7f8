/** A judged category, a family and a seed → what the family would have forecast at every decision, refitted daily, and what that took. */
import { fittingFamily } from '../../../adapters/trainer/fittingFamilies';
import { orderRisk } from '../../../core/capacity/plan';
import { binsIn } from '../../../core/demand/clock';
import { seriesEndMs, sliceSeries } from '../../../core/demand/series';
import type { Forecast, ModelFamily } from '../../../core/forecasting/model';
import { standardProbabilities } from '../../../core/forecasting/model';
import type { EvaluatedTrace } from '../../../simulation/replay';
import { ReplayedModel } from '../../../simulation/replayedModel';
import { horizonMinutes } from '../../allocation/accuracy';
import { risks } from '../../allocation/sweeps';

/** Plain data, so that a stream is made once and looked at often. Entries are null before anything could be forecast. */
export interface Stream {
  readonly family: string;
  readonly seed: number;
  /** One row a judged bin, at `streamProbabilities`. */
  readonly peaks: readonly (readonly number[] | null)[];
  /** Medians of the single bins ahead. */
  readonly medians: readonly (readonly number[] | null)[];
  /** Processor time of each fit. */
  readonly fitSeconds: readonly number[];
  /** Processor time of a forecast of the peak and the bins ahead, mean. */
  readonly forecastMs: number;
  readonly storedKb: number;
}

const asked = risks.flatMap((risk) => [1 - risk, 1 - orderRisk(risk)]);
export const streamProbabilities = [...new Set([...standardProbabilities, ...asked])].sort((a, b) => a - b);

/** Families that draw random numbers; what the others forecast is the same for every seed. */
const seeded = ['boosted', 'lstm'];
export const dependsOnSeed = (family: string): boolean => seeded.includes(family);

export function horizonsOf({ series: { clock } }: EvaluatedTrace): number[] {
  return [...new Set(horizonMinutes.map((minutes) => Math.max(1, binsIn(clock, minutes * 60_000))))];
}

export async function streamOf(trace: EvaluatedTrace, name: string, seed: number): Promise<Stream> {
  const fitSeconds: number[] = [];
  let storedKb = 0;
  const family = fittingFamily(name);
  const timed: ModelFamily = {
    ...family,
    minimumBins: (series) => family.minimumBins(series),
    load: (state) => family.load(state),
    fit: async (...input) => {
      const before = process.cpuUsage();
      const model = await family.fit(...input);
      fitSeconds.push(secondsSince(before));
      storedKb = JSON.stringify(model.serialize()).length / 1_000;
      return model;
    },
  };
  const replayed = new ReplayedModel(trace, {
    ...{ family: name, seed, familyOf: () => timed, horizonBins: horizonsOf(trace) },
  });
  const query = { ...replayed.fitOptions, probabilities: streamProbabilities };
  const { series, events, fromBin, toBin } = trace;
  const made: (Forecast | null)[] = [];
  const began = process.cpuUsage();
  for (let bin = fromBin; bin < toBin; bin++) {
    const past = { ...series, counts: series.counts.subarray(0, bin) };
    const model = (await replayed.at({ bin, past }))?.model ?? null;
    const originMs = seriesEndMs(past);
    made.push(
      model?.forecast(sliceSeries(past, originMs - model.contextBins * series.clock.binMs, originMs), query, {
        events,
      }) ?? null,
    );
  }
  const fitting = fitSeconds.reduce((sum, seconds) => sum + seconds, 0);
  const median = streamProbabilities.indexOf(0.5);
  return {
    family: name,
    seed,
    peaks: made.map((one) => one?.peak.map(rounded) ?? null),
    medians: made.map((one) => one?.horizons.map((row) => rounded(row[median]!)) ?? null),
    fitSeconds,
    forecastMs: (1_000 * (secondsSince(began) - fitting)) / (toBin - fromBin),
    storedKb,
  };
}

export function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Six digits are more than a forecast means. */
const rounded = (count: number) => Number(count.toPrecision(6));
