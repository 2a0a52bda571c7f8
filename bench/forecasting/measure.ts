/**
 * Rolling-origin forecasts of one family on real traces, replayed against the best-tuned reactive rule.
 * node -r ./test/support/compileTypeScript.js bench/forecasting/measure.ts TRACES_FOLDER [FAMILY] [TRACE,…] [LEAD_MINUTES]
 */
import { fittingFamily } from '../../adapters/trainer/fittingFamilies';
import { type DemandSeries, sliceSeries } from '../../core/demand/series';
import { PamError } from '../../core/errors';
import type { DemandEvent } from '../../core/events/event';
import { familyNamed } from '../../core/forecasting/families';
import type { FittedModel } from '../../core/forecasting/model';
import { bestFactor, pinball } from '../../core/forecasting/scoring';
import { actualOf, peakWindow } from '../../core/forecasting/target';
import {
  comparedOverflows,
  costAt,
  excessRatios,
  type FrontierPoint,
  foresightRule,
  reactiveRule,
  replay,
} from './replay';
import { judgedTraces, loadTrace } from './traces';

const risks = [0.5, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.001];
const probabilities = risks.map((risk) => 1 - risk);
const calibrated = [0.03, 0.01, 0.003];
const trainingDays = 28;

interface Run {
  /** Peak at each probability, per judged bin. */
  readonly peaks: (readonly number[])[];
  /** Median at each horizon, per judged bin. */
  readonly medians: (readonly number[])[];
  readonly fitMs: number;
  readonly fits: number;
  readonly predictMs: number;
}

async function run(
  familyName: string,
  series: DemandSeries,
  events: readonly DemandEvent[],
  from: number,
  to: number,
  lead: number,
  horizons: readonly number[],
): Promise<Run> {
  const { clock, startMs, counts } = series;
  const { binMs, dayMs } = clock;
  const anchor = familyNamed('last-value');
  const family = fittingFamily(familyName);
  const options = { leadBins: lead, horizonBins: horizons, seed: 1 };
  const query = { ...options, probabilities };
  let model: FittedModel | null = null;
  let fitMs = 0;
  let fits = 0;
  let predictMs = 0;
  let fittedAt = Number.NEGATIVE_INFINITY;
  const peaks: (readonly number[])[] = [];
  const medians: (readonly number[])[] = [];
  for (let index = from; index < to; index++) {
    const originMs = startMs + index * binMs;
    if (originMs - fittedAt >= dayMs || model === null) {
      const history = sliceSeries(series, originMs - trainingDays * dayMs, originMs);
      const copy = { ...history, counts: history.counts.slice() };
      const began = performance.now();
      for (const candidate of [family, anchor]) {
        try {
          model = await candidate.fit(copy, { events }, options);
          break;
        } catch (error) {
          if (!(error instanceof PamError)) throw error;
        }
      }
      fitMs += performance.now() - began;
      fits++;
      fittedAt = originMs;
    }
    if (model === null) throw new Error('no family could be fitted');
    const began = performance.now();
    const forecast = model.forecast(
      sliceSeries(series, originMs - model.contextBins * binMs, originMs),
      query,
      { events },
    );
    predictMs += performance.now() - began;
    peaks.push(forecast.peak);
    medians.push(forecast.horizons.map((quantiles) => quantiles[0]!));
  }
  void counts;
  return { peaks, medians, fitMs, fits, predictMs };
}

function percentile(values: Float64Array, share: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const position = share * (sorted.length - 1);
  const low = sorted[Math.floor(position)]!;
  return low + (sorted[Math.ceil(position)]! - low) * (position % 1);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

async function measure(folder: string, name: string, family: string, leadMinutes: number) {
  const trace = judgedTraces.find((judged) => judged.name === name);
  if (!trace) throw new Error(`no trace is named ${name}`);
  const { categories, events, fromIndex: from, toIndex: to } = await loadTrace(folder, trace);
  const { binMs } = categories[0]!.series.clock;
  const bins = (minutes: number) => Math.max(1, Math.ceil((minutes * 60_000) / binMs));
  const lead = bins(leadMinutes);
  const horizons = [...new Set([bins(5), bins(15)])];
  const targets = Array.from({ length: 23 }, (_, index) => 0.1 + 0.04 * index);
  let foresight = 0;
  const own = risks.map(() => ({ cost: 0, overflow: 0, demand: 0 }));
  const rival = targets.map(() => ({ cost: 0, overflow: 0, demand: 0 }));
  const misses = calibrated.map(() => 0);
  let decisions = 0;
  const absolute = horizons.map(() => ({ own: 0, last: 0 }));
  const losses = { own: 0, last: 0 };
  let fitMs = 0;
  let fits = 0;
  let predictMs = 0;
  for (const { series } of categories) {
    const { counts } = series;
    const made = await run(family, series, events, from, to, lead, horizons);
    fitMs += made.fitMs;
    fits += made.fits;
    predictMs += made.predictMs;
    const capacity = Math.max(1e-9, percentile(counts.subarray(from, to), 0.999) / 40);
    foresight += replay(counts, from, to, lead, capacity, foresightRule(counts, lead, capacity)).cost;
    const add = (
      into: { cost: number; overflow: number; demand: number },
      one: ReturnType<typeof replay>,
    ) => {
      into.cost += one.cost;
      into.overflow += one.overflow;
      into.demand += one.demand;
    };
    risks.forEach((_, knob) => {
      add(
        own[knob]!,
        replay(counts, from, to, lead, capacity, (index) =>
          Math.ceil(made.peaks[index - from]![knob]! / capacity - 1e-9),
        ),
      );
    });
    targets.forEach((target, knob) => {
      add(
        rival[knob]!,
        replay(counts, from, to, lead, capacity, reactiveRule(counts, binMs, capacity, target)),
      );
    });
    const actuals: number[] = [];
    const lasts: number[] = [];
    const uppers: number[] = [];
    for (let index = from; index < to; index++) {
      const actual = actualOf(counts, index, peakWindow(lead));
      const last = counts[index - 1]!;
      if (!Number.isNaN(actual)) {
        decisions++;
        calibrated.forEach((risk, which) => {
          if (actual > made.peaks[index - from]![risks.indexOf(risk)]!) misses[which]!++;
        });
        if (!Number.isNaN(last)) {
          actuals.push(actual / capacity);
          lasts.push(last / capacity);
          uppers.push(made.peaks[index - from]![risks.indexOf(0.05)]! / capacity);
        }
      }
      horizons.forEach((horizon, which) => {
        const ahead = counts[index + horizon - 1] ?? Number.NaN;
        if (Number.isNaN(ahead) || Number.isNaN(last) || index + horizon > to) return;
        absolute[which]!.own += Math.abs(ahead - made.medians[index - from]![which]!) / capacity;
        absolute[which]!.last += Math.abs(ahead - last) / capacity;
      });
    }
    const factor = bestFactor(actuals, lasts, 0.95);
    losses.own += sum(actuals.map((actual, index) => pinball(actual, uppers[index]!, 0.95)));
    losses.last += sum(actuals.map((actual, index) => pinball(actual, factor * lasts[index]!, 0.95)));
  }
  const frontier = (points: typeof own): FrontierPoint[] =>
    points.map(({ cost, overflow, demand }) => ({ cost, overflowRate: overflow / demand }));
  const excess = excessRatios(frontier(own), frontier(rival), foresight);
  const reached = excess.filter((ratio) => !Number.isNaN(ratio));
  const show = (value: number | null) => (value === null || Number.isNaN(value) ? '   –' : value.toFixed(3));
  const costs = (points: typeof own) =>
    comparedOverflows
      .map((rate) => show((costAt(frontier(points), rate) ?? Number.NaN) / foresight))
      .join(' ');
  process.stdout.write(
    `${name.padEnd(17)} excess ${show(sum(reached) / reached.length)} (${excess.map(show).join(' ')})  cost ${costs(own)} | reactive ${costs(rival)}\n` +
      `${''.padEnd(17)} calibration ${calibrated.map((risk, which) => `${show(misses[which]! / decisions / risk)}`).join(' ')} of ${decisions}` +
      `  MAE ${absolute.map(({ own: mine, last }) => show(mine / last)).join(' ')}  pinball95 ${show(losses.own / losses.last)}` +
      `  fit ${Math.round(fitMs / fits)} ms  predict ${((1_000 * predictMs) / (categories.length * (to - from))).toFixed(0)} µs\n`,
  );
  return sum(reached) / reached.length;
}

async function main() {
  const [folder, family = 'boosted', names = 'all', lead = '5'] = process.argv.slice(2);
  if (folder === undefined) throw new Error('expected the folder of the traces');
  const wanted = names === 'all' ? judgedTraces.map(({ name }) => name) : names.split(',');
  const ratios: number[] = [];
  for (const name of wanted) ratios.push(await measure(folder, name, family, Number(lead)));
  const mean = Math.exp(sum(ratios.map(Math.log)) / ratios.length);
  process.stdout.write(`geometric mean of the excess ratios: ${mean.toFixed(3)}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
