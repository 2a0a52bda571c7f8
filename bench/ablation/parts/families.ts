/** Streams of every family on one category → figures of each, and of searches with and without the costly families. */
import { binsPerDay } from '../../../core/demand/clock';
import {
  type Configuration,
  type Contender,
  chooseContender,
} from '../../../core/evaluation/selection/selection';
import { actualOf, peakWindow } from '../../../core/forecasting/target';
import { trainingDays } from '../../../core/forecasting/trainingWindow';
import { bestFactor, pinball } from '../../../core/statistics/scoring';
import type { CategoryForecasts } from '../../../simulation/forecasts';
import type { FrontierPoint } from '../../../simulation/frontier';
import { targets } from '../../../simulation/policies/knobs';
import { pamPolicies } from '../../../simulation/policies/pam';
import { reactive } from '../../../simulation/policies/reactive';
import { type EvaluatedTrace, replay } from '../../../simulation/replay';
import { categoryFigures, policyFigures } from '../../../simulation/scorecard';
import { compare } from '../../allocation/compare';
import { risks } from '../../allocation/sweeps';
import { horizonsOf, type Stream, streamProbabilities } from '../replay/streams';
import { acceptedRisk, costsOf, type Planned, pinballOf, realizedRisk, wasteOf } from '../replay/waste';

export const cheapFamilies = ['boosted', 'online-linear', 'seasonal-naive', 'last-value'] as const;
export const costlyFamilies = ['lstm'] as const;

interface Figures {
  /** Excess ratio against the best-tuned reactive rule, mean over the rates that both reach; null where there is none. */
  readonly excess: number | null;
  /** What was compared instead of the usual rates, where that was so. */
  readonly excessAt: string | null;
  readonly waste: number;
  /** Pinball loss of the peak at 0.95 ÷ that of the last value with its best factor. */
  readonly pinball95: number;
  /** Realized ÷ accepted risk at 1 %. */
  readonly calibration: number;
}

export interface FamilyFigures extends Figures {
  readonly family: string;
  /** Mean absolute error ÷ that of the last value, one entry a horizon. */
  readonly mae: readonly number[];
  readonly fitSeconds: number;
  readonly forecastMs: number;
  readonly storedKb: number;
}

export interface SearchFigures extends Figures {
  /** The costly families that every search may try. */
  readonly costly: readonly string[];
  /** What served on each judged day. */
  readonly chosen: readonly string[];
  /** Processor time of the fits of a search, three folds and the model itself. */
  readonly searchSeconds: number;
}

/** Judged like folds of a training; the first choice has two of them. */
const firstChoiceDay = 2;
const foldDays = 3;
const blocksPerDay = 4;

export async function familyFigures(trace: EvaluatedTrace, stream: Stream): Promise<FamilyFigures> {
  const { family, fitSeconds, forecastMs, storedKb } = stream;
  return {
    family,
    ...(await figuresOf(trace, stream.peaks)),
    mae: maeOf(trace, stream),
    fitSeconds: mean(fitSeconds),
    forecastMs,
    storedKb,
  };
}

/**
 * Every day the families are judged on the days before, as production does it, and what is chosen serves the day. The
 * first choice is between the cheap ones; from then on every search is a wide one, the most that a costly family can bring.
 */
export async function searchFigures(
  trace: EvaluatedTrace,
  streams: readonly Stream[],
  costly: readonly string[],
): Promise<SearchFigures> {
  const day = binsPerDay(trace.series.clock);
  const days = Math.floor((trace.toBin - trace.fromBin) / day);
  const contenders = streams.filter(
    ({ family }) => (cheapFamilies as readonly string[]).includes(family) || costly.includes(family),
  );
  const cheap = contenders.filter(({ family }) => !costly.includes(family));
  const chosen: string[] = [];
  let serving: string | null = null;
  for (let at = firstChoiceDay; at < days; at++) {
    const fromBin = Math.max(0, at - foldDays) * day;
    const judged = (all: readonly Stream[]): Contender[] =>
      all.map((stream) => ({
        modelId: stream.family,
        configuration: configurationOf(stream.family),
        blocks: costsOf(
          plannedOf(trace, stream.peaks, fromBin, at * day),
          ((at * day - fromBin) / day) * blocksPerDay,
        ),
      }));
    const choose = (all: readonly Stream[], from: string | null) => {
      const known = judged(all);
      const incumbent = known.find(({ modelId }) => modelId === from);
      const choice = chooseContender(
        known,
        incumbent === undefined ? null : { ...incumbent, unseenBins: day },
        {
          risk: acceptedRisk,
          refreshBins: day,
        },
      );
      return choice.promoted ?? from;
    };
    serving ??= choose(cheap, null);
    serving = choose(contenders, serving);
    chosen.push(serving!);
  }
  const byName = new Map(streams.map((stream) => [stream.family, stream]));
  const peaks = chosen.flatMap((family, index) =>
    byName.get(family)!.peaks.slice((firstChoiceDay + index) * day, (firstChoiceDay + index + 1) * day),
  );
  const served = {
    ...trace,
    fromBin: trace.fromBin + firstChoiceDay * day,
    toBin: trace.fromBin + days * day,
  };
  return {
    costly,
    chosen,
    ...(await figuresOf(served, peaks)),
    searchSeconds: contenders.reduce((sum, { fitSeconds }) => sum + (foldDays + 1) * mean(fitSeconds), 0),
  };
}

function plannedOf(
  { series, fromBin, leadBins }: EvaluatedTrace,
  peaks: Stream['peaks'],
  from: number,
  to: number,
): Planned {
  return {
    counts: series.counts.slice(fromBin + from, fromBin + to),
    peaks: peaks.slice(from, to).map((peak) => peak!),
    probabilities: streamProbabilities,
    leadBins,
    binMs: series.clock.binMs,
  };
}

const configurationOf = (family: string): Configuration => ({ family, days: trainingDays, parameters: {} });

async function figuresOf(trace: EvaluatedTrace, peaks: Stream['peaks']): Promise<Figures> {
  const planned = plannedOf(trace, peaks, 0, trace.toBin - trace.fromBin);
  const [pam, rivals] = [
    pamPolicies({
      risks,
      scaleDownHoldMs: 120_000,
      forecasting: (of) => madeForecasts(of, peaks),
    }),
    targets.map(reactive),
  ];
  const points: (FrontierPoint & { policy: string; usual: boolean; foresightCost: number })[] = [];
  for (const policy of [...pam, ...rivals]) {
    const replayed = await replay(trace, policy);
    const figures = policyFigures(policy.name, policy.knob, policy.risk ?? null, [
      categoryFigures(replayed, null),
    ]);
    const { overflowRate, cost, foresightCost } = figures;
    points.push({ policy: policy.name, knob: policy.knob, usual: true, overflowRate, cost, foresightCost });
  }
  const { mean: excess, instead } = compare(points, points[0]!.foresightCost, rivals[0]!.name);
  return {
    excess: Number.isNaN(excess) ? null : excess,
    excessAt: instead,
    waste: wasteOf(planned),
    pinball95: pinballOf(planned, 0.95) / lastValuePinball(trace, planned),
    calibration: realizedRisk(planned) / acceptedRisk,
  };
}

/** Forecasts that were made before, as the policy asks for them. */
function madeForecasts({ series, fromBin }: EvaluatedTrace, peaks: Stream['peaks']): CategoryForecasts {
  const made = peaks.map((peak, index) => {
    const originMs = series.startMs + (fromBin + index) * series.clock.binMs;
    return peak === null ? null : { originMs, horizons: [], peak };
  });
  return {
    probabilities: streamProbabilities,
    at: async ({ bin }) => made[bin - fromBin] ?? null,
    made: () => made,
  };
}

/** Mean loss of the last bin × the factor that is best in hindsight. */
function lastValuePinball({ series, fromBin }: EvaluatedTrace, { counts, leadBins }: Planned): number {
  const actuals: number[] = [];
  const lasts: number[] = [];
  counts.forEach((_, bin) => {
    const actual = actualOf(counts, bin, peakWindow(leadBins));
    const last = series.counts[fromBin + bin - 1] ?? Number.NaN;
    if (Number.isNaN(actual) || Number.isNaN(last)) return;
    actuals.push(actual);
    lasts.push(last);
  });
  const factor = bestFactor(actuals, lasts, 0.95);
  return mean(actuals.map((actual, index) => pinball(actual, factor * lasts[index]!, 0.95)));
}

function maeOf(trace: EvaluatedTrace, { medians }: Stream): number[] {
  const { series, fromBin, toBin } = trace;
  return horizonsOf(trace).map((horizon, place) => {
    let own = 0;
    let last = 0;
    for (let bin = fromBin; bin + horizon <= toBin; bin++) {
      const actual = series.counts[bin + horizon - 1]!;
      const before = series.counts[bin - 1]!;
      const median = medians[bin - fromBin]?.[place];
      if (Number.isNaN(actual) || Number.isNaN(before) || median === undefined) continue;
      own += Math.abs(actual - median);
      last += Math.abs(actual - before);
    }
    return own / last;
  });
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
