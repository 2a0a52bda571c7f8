/** Every family, with arithmetic that stands in for the libraries which only the trainer has. */
import { etsFamily } from '../../../core/forecasting/families/curves/ets';
import { mstlFamily } from '../../../core/forecasting/families/curves/mstl';
import type { ForecastPath } from '../../../core/forecasting/families/curves/pathCurve';
import { type FitCurve, prophetFamily } from '../../../core/forecasting/families/curves/prophet';
import { modelFamilies as registered } from '../../../core/forecasting/families/families';
import { lstmFamily, type TrainNetwork } from '../../../core/forecasting/families/lstm/lstm';
import type { ModelFamily } from '../../../core/forecasting/model';

/** Stands in for WebAssembly: the mean log by time of day. The real one is tested with the trainer. */
const meanByTime: FitCurve = async ({ seconds, logs, days, gridPerDay }) => {
  const size = days * gridPerDay;
  const sums = new Float64Array(size);
  const found = new Float64Array(size);
  seconds.forEach((second, index) => {
    const point = Math.floor(((second / 86_400) % days) * gridPerDay) % size;
    sums[point]! += logs[index]!;
    found[point]!++;
  });
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return {
    grid: Array.from(sums, (sum, point) => (found[point] === 0 ? mean : sum / found[point]!)),
    effects: {},
  };
};

/** Stands in for TensorFlow: random features below heads at the quantiles of all targets. */
const headsAtQuantiles: TrainNetwork = async ({ initial, targets, probabilities }) => {
  const known = targets.filter((target) => !Number.isNaN(target)).sort();
  const quantiles = probabilities.map((probability) => known[Math.floor(probability * known.length)]!);
  const stepUp = (step: number) => Math.log(Math.expm1(Math.max(1e-3, step)));
  return {
    ...initial,
    headKernel: initial.headKernel.map((weight) => weight / 20),
    headBias: Float32Array.from(quantiles, (quantile, head) =>
      head === 0 ? quantile : stepUp(quantile - quantiles[head - 1]!),
    ),
  };
};

/** Stands in for WebAssembly: the last season again, or the last value. */
const lastSeason: ForecastPath = async ({ values, periods, ahead }) => {
  const period = periods.at(-1) ?? 1;
  return Float64Array.from({ length: ahead }, (_, step) => values.at((step % period) - period)!);
};

const standIns = [
  prophetFamily(meanByTime),
  mstlFamily(lastSeason),
  etsFamily(lastSeason),
  lstmFamily(headsAtQuantiles),
];
export const families: readonly ModelFamily[] = registered.map(
  (family) => standIns.find(({ name }) => name === family.name) ?? family,
);
