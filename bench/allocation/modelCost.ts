/** What a model costs, whatever else the machine does: processor time of a fit on four weeks of minutes, time of a forecast, bytes stored and resident. */

import { setTimeout as sleep } from 'node:timers/promises';
import { sliceSeries } from '../../core/demand/series';
import { familyNamed } from '../../core/forecasting/families/families';
import { type FitOptions, type FittedModel, standardProbabilities } from '../../core/forecasting/model';
import { trainingDays } from '../../core/forecasting/trainingWindow';
import { evaluatedWindows, readEvaluated } from '../evaluatedTraces';

export interface ModelCost {
  readonly trainedBins: number;
  /** Processor time of a fit, garbage collection included. */
  readonly fitSeconds: number;
  /** Processor time of a tick, its mean: lead window and two horizons at the probabilities of production. */
  readonly predictMs: number;
  readonly storedKb: number;
  readonly residentKb: number;
}

const fits = 3;
const ticks = 3_000;
const loaded = 20;

/** On the World Cup trace with its calendar, the longest of bins of a minute. `collect` frees what is not in use. */
export async function modelCost(folder: string, collect: () => void): Promise<ModelCost> {
  const { traces } = await readEvaluated(folder, evaluatedWindows[0]!, 5);
  const { series, events, fromBin } = traces[0]!;
  const { binMs, dayMs } = series.clock;
  const options: FitOptions = { leadBins: 5, horizonBins: [5, 15], seed: 1 };
  const probabilities = [...standardProbabilities, 0.98].sort((a, b) => a - b);
  const originMs = series.startMs + fromBin * binMs;
  const history = sliceSeries(series, originMs - trainingDays * dayMs, originMs);
  const family = familyNamed('boosted');
  const fitTimes: number[] = [];
  let model: FittedModel | null = null;
  for (let fit = 0; fit < fits; fit++) {
    const began = process.cpuUsage();
    model = await family.fit(history, { events }, options);
    fitTimes.push(processorMs(began));
  }
  const began = process.cpuUsage();
  for (let tick = 0; tick < ticks; tick++) {
    const atMs = originMs + tick * binMs;
    const recent = sliceSeries(series, atMs - model!.contextBins * binMs, atMs);
    model!.forecast(recent, { ...options, probabilities }, { events });
  }
  const predictMs = processorMs(began) / ticks;
  const state = JSON.stringify(model!.serialize());
  const before = await used(collect);
  const models = Array.from({ length: loaded }, () => family.load(JSON.parse(state)));
  const held = ((await used(collect)) - before) / models.length;
  return {
    trainedBins: history.counts.length,
    fitSeconds: fitTimes.sort((a, b) => a - b)[Math.floor(fits / 2)]! / 1_000,
    predictMs,
    storedKb: state.length / 1_000,
    residentKb: held / 1_000,
  };
}

/** Bytes that are in use: buffers are given back beside the collection, some time after it. */
async function used(collect: () => void): Promise<number> {
  for (let round = 0; round < 5; round++) {
    collect();
    await sleep(100);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function processorMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}
