/** Histories, models and horizons → their figures; the forecasts are written to files on the way. */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ModelFamily, standardProbabilities } from '../../core/forecasting/model';
import { instantText } from '../../core/time/instantText';
import { backtest } from '../../simulation/backtest';
import { type ForecastFigures, forecastFigures } from '../../simulation/forecastFigures';
import { type OverallFigures, overallFigures } from '../../simulation/overallFigures';
import { DecisionFiles } from '../simulate/decisionFiles';
import { evaluateHistory } from '../simulate/evaluateHistory';
import type { ReplayedHistory } from '../simulate/history';
import { ForecastFile } from './forecastFiles';
import type { Horizon } from './options';

export interface BacktestRun {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly zone: string | undefined;
  readonly horizons: readonly Horizon[];
  readonly models: readonly string[];
  readonly familyOf: (name: string) => ModelFamily;
  readonly seed: number;
  readonly out: string | undefined;
  readonly progress: (share: number, doing: string) => void;
  readonly complain: (message: string) => void;
  readonly now: () => number;
}

export interface TraceFigures {
  readonly trace: string;
  readonly from: string;
  readonly to: string;
  readonly binMs: number;
  /** File of the forecasts; null without `--out`. */
  readonly forecasts: string | null;
  /** One entry per model and horizon, over all categories. */
  readonly overall: readonly OverallFigures[];
  /** One entry per category, model and horizon. */
  readonly categories: readonly ForecastFigures[];
}

export interface BacktestFigures {
  readonly version: 1;
  readonly horizons: readonly { readonly name: string; readonly ms: number }[];
  readonly seed: number;
  readonly traces: readonly TraceFigures[];
}

/** Lead time, for the peaks that families forecast as well. A backtest ignores them. */
const leadMs = 300_000;

/** Throws PamError INVALID_DATA if a history has nothing in the window. */
export async function runBacktest(
  histories: readonly ReplayedHistory[],
  run: BacktestRun,
): Promise<BacktestFigures> {
  if (run.out !== undefined) await new DecisionFiles(run.out, 0).prepare();
  const names = distinctNames(histories);
  const traces: TraceFigures[] = [];
  for (const [index, history] of histories.entries()) {
    const name = names[index]!;
    const file =
      run.out === undefined
        ? null
        : join(run.out, histories.length === 1 ? 'forecasts.csv' : `forecasts-${name}.csv`);
    const progress = (share: number, doing: string) =>
      run.progress((index + share) / histories.length, histories.length > 1 ? `${name} · ${doing}` : doing);
    traces.push(await ofHistory(history, name, file, { ...run, progress }));
  }
  const figures: BacktestFigures = {
    version: 1,
    horizons: run.horizons.map(({ name, ms }) => ({ name, ms })),
    seed: run.seed,
    traces,
  };
  if (run.out !== undefined)
    await writeFile(join(run.out, 'figures.json'), `${JSON.stringify(figures, null, 1)}\n`);
  return figures;
}

async function ofHistory(
  history: ReplayedHistory,
  name: string,
  file: string | null,
  run: BacktestRun,
): Promise<TraceFigures> {
  const { window, evaluated } = evaluateHistory(history, { ...run, leadMs, capacity: 'auto' });
  const { binMs } = evaluated[0]!.series.clock;
  // One bin if bins are coarser than the horizon. Horizons of the same number of bins are one.
  const horizonBins = [...new Set(run.horizons.map(({ ms }) => Math.max(1, Math.ceil(ms / binMs - 1e-9))))];
  const output = file === null ? null : new ForecastFile(file, history.offsetMs);
  const categories: ForecastFigures[] = [];
  const whole = evaluated.length * run.models.length;
  for (const [place, trace] of evaluated.entries())
    for (const [which, model] of run.models.entries()) {
      const doing = `${model}${evaluated.length > 1 ? ` · ${trace.category}` : ''}`;
      const backtested = await backtest(
        trace,
        {
          model,
          familyOf: run.familyOf,
          horizonBins,
          probabilities: standardProbabilities,
          seed: run.seed,
          now: run.now,
        },
        { progress: (share) => run.progress((place * run.models.length + which + share) / whole, doing) },
      );
      for (const reason of backtested.failures) run.complain(`"${trace.category}": ${model}: ${reason}`);
      if (backtested.forecasts.every((forecast) => forecast === null))
        run.complain(`"${trace.category}": ${model} has too little history and made no forecast`);
      for (const horizon of horizonBins) {
        await output?.write(backtested, horizon);
        categories.push(forecastFigures(backtested, horizon));
      }
    }
  const nodes = new Map(evaluated.map(({ category, requestsPerNodeBin }) => [category, requestsPerNodeBin]));
  const overall = run.models.flatMap((model) =>
    horizonBins.flatMap((horizon) => {
      const of = categories.filter((one) => one.model === model && one.horizonBins === horizon);
      return overallFigures(of, (category) => nodes.get(category)!) ?? [];
    }),
  );
  return {
    trace: name,
    from: instantText(window.fromMs),
    to: instantText(window.toMs),
    binMs,
    forecasts: file,
    overall,
    categories,
  };
}

/** File names without their endings. A repeated name gets a number. */
function distinctNames(histories: readonly ReplayedHistory[]): string[] {
  const seen = new Map<string, number>();
  return histories.map(({ name }) => {
    const plain = basename(name).replace(/\.csv(\.gz)?$/, '');
    const count = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, count);
    return count === 1 ? plain : `${plain}-${count}`;
  });
}
