/** Replayed decisions → `decisions-<policy>-<knob>.csv`, one row per category and bin. What is missing stays empty. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PamError } from '../../core/errors';
import { csvCell } from '../../core/text/csvCell';
import { messageOf } from '../../core/thrown';
import { instantText } from '../../core/time/instantText';
import type { Policy, Replayed } from '../../simulation/replay';

const decisionColumns = 'time,category,count,planned,routable,billed,overflow';
const rowsPerWrite = 20_000;

export class DecisionFiles {
  private readonly begun = new Set<string>();

  /** `offsetMs`: how much later the times of the trace are than the grid of its series. */
  constructor(
    private readonly folder: string,
    private readonly offsetMs: number,
  ) {}

  /** Makes the folder. Throws PamError INVALID_INPUT if it can’t. */
  async prepare(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
    } catch (error) {
      const reason = messageOf(error);
      throw new PamError('INVALID_INPUT', `--out ${this.folder}: can’t be created as a folder: ${reason}`);
    }
  }

  async write(policy: Policy, replayed: Replayed): Promise<void> {
    const file = join(this.folder, `decisions-${policy.name}-${policy.knob}.csv`);
    if (!this.begun.has(file)) {
      await writeFile(file, `${decisionColumns}\n`);
      this.begun.add(file);
    }
    const { trace, planned, routable, billed, overflow } = replayed;
    const { series, fromBin, category } = trace;
    const named = csvCell(category);
    let text = '';
    for (let index = 0; index < planned.length; index++) {
      const count = series.counts[fromBin + index]!;
      const time = instantText(series.startMs + (fromBin + index) * series.clock.binMs + this.offsetMs);
      const measured = !Number.isNaN(count);
      text += `${time},${named},${measured ? count : ''},${planned[index]},${routable[index]},${billed[index]},${measured ? overflow[index] : ''}\n`;
      if ((index + 1) % rowsPerWrite === 0) {
        await appendFile(file, text);
        text = '';
      }
    }
    if (text !== '') await appendFile(file, text);
  }
}
