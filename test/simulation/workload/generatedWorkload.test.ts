import { generatedWorkload } from '../../../simulation/workload/generatedWorkload';

const minuteMs = 60_000;
const day = 1_440;
const workload = generatedWorkload(1, 75);
const named = (name: string) => {
  const found = workload.find((category) => category.name === name);
  if (found === undefined) throw new Error(`no category ${name}`);
  return found;
};
const fromBin = (name: string) => (named(name).fromMs - named(name).series.startMs) / minuteMs;
const mean = (name: string, from: number, bins: number) =>
  named(name)
    .series.counts.slice(from, from + bins)
    .reduce((sum, count) => sum + count, 0) / bins;

test('is labelled as generated, has 14 days of whole counts before the window, none of them missing', () => {
  expect(workload.map(({ name }) => name)).toEqual(['checkout', 'search', 'reports']);
  for (const { name, origin, series } of workload) {
    expect(origin).toBe('generated (seed 1)');
    expect(fromBin(name)).toBeGreaterThanOrEqual(14 * day);
    expect(fromBin(name) + 75).toBeLessThanOrEqual(series.counts.length);
    expect(series.counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
  }
});

test('the same seed gives the same counts, another seed others', () => {
  expect(generatedWorkload(1, 75)).toEqual(workload);
  expect(generatedWorkload(2, 75)[0]?.series.counts).not.toEqual(workload[0]?.series.counts);
});

test('checkout at least doubles within half an hour of the window', () => {
  const from = fromBin('checkout');
  expect(mean('checkout', from + 40, 5) / mean('checkout', from + 10, 5)).toBeGreaterThan(2);
});

test('search rises with the campaign that the calendar announces, as in its past ones', () => {
  const { events, series } = named('search');
  const bins = events.map(({ startMs }) => (startMs - series.startMs) / minuteMs);
  expect(bins.at(-1)).toBeGreaterThan(fromBin('search'));
  expect(bins.at(-1)).toBeLessThan(fromBin('search') + 75);
  expect(bins.length).toBeGreaterThanOrEqual(6);
  for (const bin of bins)
    expect(mean('search', bin + 15, 10) / mean('search', bin - 15, 10)).toBeGreaterThan(1.5);
});

test('reports comes in batches on the hour', () => {
  const hour = 14 * day + 10 * 60;
  expect(hour).toBeGreaterThan(fromBin('reports'));
  expect(mean('reports', hour + 5, 5) / mean('reports', hour - 5, 5)).toBeGreaterThan(2);
});

test('more minutes than the day has are refused', () => {
  expect(() => generatedWorkload(1, 1_000)).toThrow('expected at most that many');
});
