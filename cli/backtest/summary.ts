/** Figures of a backtest → the tables that people read. */
import { percent } from '../../core/text/figures';
import { writtenDuration } from '../../core/time/duration';
import { durationInWords } from '../../core/time/durationWords';
import type { OverallFigures } from '../../simulation/overallFigures';
import { table } from '../text/table';
import type { BacktestFigures, TraceFigures } from './runBacktest';

/** One table per trace, one row per model and horizon. Ratios are to the reference; below 1 is better. */
export function backtestTables(figures: BacktestFigures): string {
  const tables = figures.traces.map((trace) => tableOf(trace));
  return [
    ...tables,
    'MAE and pinball losses ÷ those of the last value, a day or more ahead ÷ those of the better of yesterday and last week (losses: × its best constant factor). Coverage is the share at or below the quantile.',
  ].join('\n\n');
}

function tableOf({ trace, from, to, binMs, overall }: TraceFigures): string {
  const probabilities = overall[0]?.quantiles.map(({ probability }) => probability) ?? [];
  const headings = [
    'ahead',
    'model',
    'forecasts',
    'MAE',
    ...probabilities.map((probability) => `loss ${probability}`),
    ...probabilities.map((probability) => `below ${probability}`),
    'fit ms',
    'predict ms',
  ];
  const sorted = [...overall].sort(
    (a, b) => a.horizonBins - b.horizonBins || (a.errorRatio ?? 9e9) - (b.errorRatio ?? 9e9),
  );
  const lines = [headings, ...sorted.map((row) => cells(row, binMs))];
  return [`${trace}: ${from} to ${to}, bins of ${durationInWords(binMs)}`, ...table(lines, 2)].join('\n');
}

function cells(row: OverallFigures, binMs: number): string[] {
  const ratio = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  return [
    writtenDuration(row.horizonBins * binMs),
    row.model,
    String(row.forecasts),
    ratio(row.errorRatio),
    ...row.quantiles.map(({ lossRatio }) => ratio(lossRatio)),
    ...row.quantiles.map(({ coverage }) => (coverage === null ? '–' : percent(coverage))),
    row.fitMs.toFixed(0),
    row.predictMs.toFixed(2),
  ];
}
