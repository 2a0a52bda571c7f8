/** Backtested forecasts → a CSV with one row per forecast. What was not measured stays empty. */
import { appendFile, writeFile } from 'node:fs/promises';
import { csvCell } from '../../core/text/csvCell';
import { instantText } from '../../core/time/instantText';
import type { Backtested } from '../../simulation/backtest';
import { type ForecastRow, rowsOf } from '../../simulation/forecastFigures';

const forecastColumns = 'origin,target,category,model,p50,p90,p95,p99,actual';
const rowsPerWrite = 20_000;

/** Times are starts of bins: `origin` is the first bin that was not known, `target` the one that is forecast. */
export class ForecastFile {
  private begun = false;

  /** `offsetMs`: how much later the times of the trace are than the grid of its series. */
  constructor(
    readonly file: string,
    private readonly offsetMs: number,
  ) {}

  async write(backtested: Backtested, horizonBins: number): Promise<void> {
    if (!this.begun) await writeFile(this.file, `${forecastColumns}\n`);
    this.begun = true;
    let text = '';
    let waiting = 0;
    for (const row of rowsOf(backtested, horizonBins)) {
      text += this.line(backtested, row);
      if (++waiting < rowsPerWrite) continue;
      await appendFile(this.file, text);
      text = '';
      waiting = 0;
    }
    if (text !== '') await appendFile(this.file, text);
  }

  private line({ trace, model }: Backtested, row: ForecastRow): string {
    const { startMs, clock } = trace.series;
    const at = (bin: number) => instantText(startMs + bin * clock.binMs + this.offsetMs);
    const actual = Number.isNaN(row.actual) ? '' : String(row.actual);
    const quantiles = row.quantiles.map((quantile) => Number(quantile.toPrecision(7))).join(',');
    return `${at(row.originBin)},${at(row.targetBin)},${csvCell(trace.category)},${csvCell(model)},${quantiles},${actual}\n`;
  }
}
