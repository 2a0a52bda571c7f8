/**
 * The recipe of docs/extending/demand-source.md, followed: an application keeps its totals in a JSON file,
 * `{"startedMs": …, "requests": {"orders": 12}}`, and this source reads them.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Counters, createCounterSource } from '../../../../adapters/demand/counters';
import { PamError } from '../../../../core/errors';
import type { Now } from '../../../../ports/clock';
import type { DemandSource } from '../../../../ports/demandSource';
import type { CounterSampleStore } from '../../../../ports/stores/demand/counterSampleStore';

const totals = z.object({
  startedMs: z.number(),
  requests: z.record(z.string(), z.number().min(0)),
});

export interface TotalsFileOptions {
  readonly file: string;
  readonly samples: CounterSampleStore;
  readonly now: Now;
}

export function createTotalsFileSource({ file, samples, now }: TotalsFileOptions): DemandSource {
  async function read(): Promise<ReadonlyMap<string, Counters>> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new PamError('UNAVAILABLE', `${file} can't be read: does the application run?`, { cause: error });
    });
    const { startedMs, requests } = totals.parse(JSON.parse(text));
    return new Map(Object.entries(requests).map(([name, count]) => [name, { requests: count, startedMs }]));
  }
  return createCounterSource({ name: 'totals-file', knows: [], settleMs: () => 0, read, samples, now });
}
