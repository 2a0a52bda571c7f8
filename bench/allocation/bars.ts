/** Results of judged windows → the bars that the figures are held against. */
import { atMost, type Bar } from '../fragment';
import { aboveRival, percent } from './compare';
import { against, calibrationOf, geometricMean, insideMatches, judged, rivals } from './findings';
import type { TraceResult } from './measureTrace';
import type { ModelCost } from './modelCost';
import { calibratedRisks } from './sweeps';

/** Calibration is judged on this many decisions and more. */
const manyDecisions = 10_000;
const fineBinMs = 300_000;

export function excessBars(results: readonly TraceResult[], lead: number): Bar[] {
  const ratios = judged(results).map((result) => ({ of: result.trace, ...against(result, 'reactive') }));
  const worst = ratios.reduce((most, one) => (one.mean <= most.mean ? most : one));
  const mean = geometricMean(ratios.map((one) => one.mean));
  return [
    atMost(`excess ratio against best-tuned reactive, lead ${lead} min, geometric mean`, mean, 0.5, 0.35),
    atMost(`the worst of them, lead ${lead} min (${worst.of})`, worst.mean, 0.8, null),
  ];
}

/** The rivals of the scorecard, and apart from them the peak of the whole window, which no one knows beforehand. */
export function frontierBars(results: readonly TraceResult[]): Bar[] {
  const constant = rivals.filter((rival) => rival === 'static-peak');
  const others = rivals.filter((rival) => rival !== 'static-peak');
  return [
    frontierBar(results, others, 'any rival of the scorecard'),
    frontierBar(results, constant, 'a constant number of nodes chosen in hindsight'),
  ];
}

function frontierBar(results: readonly TraceResult[], names: readonly string[], whose: string): Bar {
  const checked = results.flatMap((result) => names.map((rival) => aboveRival(result, rival)));
  const rates = checked.reduce((sum, one) => sum + one.rates, 0);
  const above = checked.reduce((sum, one) => sum + one.above.length, 0);
  return {
    figure: `frontier nowhere above ${whose} (rates of 0.01 to 10 %, all windows and leads)`,
    bar: 'nowhere',
    beyond: null,
    measured: above === 0 ? `nowhere, at ${rates} rates` : `above at ${above} of ${rates} rates`,
    met: above === 0,
    beyondMet: null,
  };
}

export function calibrationBars(results: readonly TraceResult[]): Bar[] {
  const counted = results.filter((result) => calibrationOf(result)[0]!.decisions > manyDecisions);
  if (counted.length === 0) return [];
  return calibratedRisks.map((risk, which) => {
    const ratios = counted.map((result) => calibrationOf(result)[which]!.ratio);
    const within = (low: number, high: number) => ratios.every((ratio) => ratio >= low && ratio <= high);
    return {
      figure: `realized ÷ accepted risk at ${percent(risk)}, windows of over 10,000 decisions, all leads`,
      bar: '0.7 to 1.3',
      beyond: '0.85 to 1.15',
      measured: `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      met: within(0.7, 1.3),
      beyondMet: within(0.85, 1.15),
    };
  });
}

export function matchBars(results: readonly TraceResult[]): Bar[] {
  const ratio = insideMatches(results)?.mean;
  return ratio == null
    ? []
    : [atMost('wc98 inside match windows, excess with the calendar ÷ without', ratio, 0.8, 0.65)];
}

export function accuracyBars(results: readonly TraceResult[]): Bar[] {
  const all = judged(results);
  const fine = all.filter(({ binMs }) => binMs <= fineBinMs);
  if (fine.length === 0) return [];
  const mae = (place: number) =>
    geometricMean(
      fine.map(({ accuracy }) => {
        const pair = accuracy!.absolute[place]!;
        return pair.own / pair.last;
      }),
    );
  const losses = all.map(({ accuracy }) => accuracy!.pinball.own / accuracy!.pinball.last);
  return [
    atMost('MAE ÷ last value, 5 min, geometric mean over bins of 1 and 5 min', mae(0), 0.8, 0.75),
    atMost('MAE ÷ last value, 15 min, geometric mean over bins of 1 and 5 min', mae(1), 0.75, 0.68),
    atMost(
      'pinball loss at 0.95 ÷ last value with its best factor, geometric mean',
      geometricMean(losses),
      0.65,
      0.58,
    ),
  ];
}

export function costBars(cost: ModelCost): Bar[] {
  return [
    atMost('a forecast on a tick, ms of processor time, per category', cost.predictMs, 2, null),
    atMost('resident per category, MB', cost.residentKb / 1_000, 1, null),
    atMost('a fit on four weeks of minutes, s of processor time', cost.fitSeconds, 3, null),
  ];
}
