/** Parts of the real traces that drift is measured on: without outages and regime changes of their own. */
import { join } from 'node:path';
import { readTraceFile } from '../../adapters/demand/files/readTraceFile';
import { type DemandSeries, sliceSeries } from '../../core/demand/series';

export const parts = [
  { name: 'clarknet', file: 'clarknet_1min.csv.gz', from: '1995-08-28T00:00Z', to: '1995-09-11T00:00Z' },
  { name: 'wc98', file: 'wc98_1min.csv.gz', from: '1998-05-21T12:00Z', to: '1998-06-08T00:00Z' },
  {
    name: 'twitter2021',
    file: 'twitter2021_1min.csv.gz',
    from: '2021-08-01T00:00Z',
    to: '2021-08-22T00:00Z',
  },
] as const;

export type Part = (typeof parts)[number];

/** The first days of each part teach the tests what is usual. */
export const learningDays = 8;
/** Days of the part that the first model has. */
export const firstFitDays = 3;

export async function readPart(folder: string, { file, from, to }: Part): Promise<DemandSeries> {
  const { categories, offsetMs } = await readTraceFile(join(folder, file));
  return sliceSeries([...categories.values()][0]!, Date.parse(from) - offsetMs, Date.parse(to) - offsetMs);
}
