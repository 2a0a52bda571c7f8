/** The forecasts behind PAM’s replayed decisions → `forecasts-pam.csv`, one row per category and bin, for all risks. */
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actualOf, peakWindow } from '../../core/forecasting/target';
import { csvCell } from '../../core/text/csvCell';
import { instantText } from '../../core/time/instantText';
import type { Policy, Replayed } from '../../simulation/replay';

const forecastFileName = 'forecasts-pam.csv';
const rowsPerWrite = 20_000;
/** Significant digits of a forecast. */
const digits = 6;

/** 0.997 → "p99.7": the column of a quantile. */
export const quantileColumn = (probability: number): string => `p${Number((probability * 100).toFixed(6))}`;

export class ForecastFile {
  private readonly written = new Set<string>();

  /** `offsetMs`: how much later the times of the trace are than the grid of its series. */
  constructor(
    private readonly folder: string,
    private readonly offsetMs: number,
  ) {}

  /**
   * Writes a category’s forecasts of the peak over the lead window, requests per bin, and the actual peak. Policies
   * that differ only in risk share their forecasts: the first one writes them. A policy that does not forecast writes
   * nothing.
   */
  async write({ probabilities }: Policy, replayed: Replayed): Promise<void> {
    const { trace, peaks } = replayed;
    if (probabilities === undefined || peaks === null || this.written.has(trace.category)) return;
    const file = join(this.folder, forecastFileName);
    if (this.written.size === 0)
      await writeFile(file, `time,category,${probabilities.map(quantileColumn).join(',')},actual\n`);
    this.written.add(trace.category);
    const { series, fromBin, toBin, leadBins } = trace;
    const evaluated = series.counts.subarray(fromBin, toBin);
    const named = csvCell(trace.category);
    const without = probabilities.map(() => '').join(',');
    let text = '';
    for (let index = 0; index < peaks.length; index++) {
      const peak = peaks[index]!;
      const actual = actualOf(evaluated, index, peakWindow(leadBins));
      const time = instantText(series.startMs + (fromBin + index) * series.clock.binMs + this.offsetMs);
      const made =
        peak.length === 0 ? without : peak.map((value) => Number(value.toPrecision(digits))).join(',');
      text += `${time},${named},${made},${Number.isNaN(actual) ? '' : actual}\n`;
      if ((index + 1) % rowsPerWrite === 0) {
        await appendFile(file, text);
        text = '';
      }
    }
    if (text !== '') await appendFile(file, text);
  }
}
