/** Samples of counters become bins: what nodes and histograms say is told for each bin, and what they don't say is not. */
import { samplesToBins } from '../../../../adapters/demand/counters/samplesToBins';
import type { CounterSample } from '../../../../ports/stores/demand/counterSampleStore';

const minute = 60_000;
const settings = { binMs: minute, objective: { latencyMs: 100, share: 0.99 } };

const sample = (atMs: number, requests: number, more: Partial<CounterSample> = {}): CounterSample => ({
  category: 'orders',
  source: 'envoy',
  atMs,
  startedMs: 0,
  requests,
  errors: null,
  latencyBuckets: [],
  nodes: {},
  ...more,
});

const load = (busySlotSeconds: number, served: number) => ({ busySlotSeconds, served, concurrency: 2 });

test('a bin has what its requests cost on the nodes, those that went to the shared pool included', () => {
  const [bin] = samplesToBins(
    [
      sample(minute, 0, { nodes: { a: load(10, 100) } }),
      sample(2 * minute, 50, { nodes: { a: load(14, 120), b: load(4, 20) } }),
    ],
    settings,
  );
  // 40 of the 50 were served by the own nodes, 0.2 s each; two nodes of two slots were there.
  expect(bin).toMatchObject({ startMs: minute, requests: 50, busySeconds: 10, capacitySeconds: 240 });
});

test('the use of a stretch that is longer than a bin is spread over its bins', () => {
  const bins = samplesToBins(
    [sample(minute, 0, { nodes: { a: load(0, 0) } }), sample(3 * minute, 40, { nodes: { a: load(8, 40) } })],
    settings,
  );
  expect(bins).toMatchObject([
    { requests: 20, busySeconds: 4, capacitySeconds: 120 },
    { requests: 20, busySeconds: 4, capacitySeconds: 120 },
  ]);
});

test('late requests follow the objective as it is, above the last bound too; nothing known is null or absent', () => {
  const latencyBuckets = [
    { upToMs: 50, count: 6 },
    { upToMs: 100, count: 8 },
    { upToMs: 200, count: 9 },
    { upToMs: null, count: 10 },
  ];
  const samples = [sample(minute, 0), sample(2 * minute, 10, { latencyBuckets, errors: 1 })];
  expect(samplesToBins(samples, settings)[0]).toMatchObject({ late: 2, errors: 1, busySeconds: null });
  const strict = { ...settings, objective: { latencyMs: 50, share: 0.99 } };
  expect(samplesToBins(samples, strict)[0]).toMatchObject({ late: 4, latencyP99Ms: 191 });
  const [bare] = samplesToBins([sample(minute, 0), sample(2 * minute, 10)], settings);
  expect(bare).toEqual({
    startMs: minute,
    requests: 10,
    errors: null,
    busySeconds: null,
    capacitySeconds: null,
  });
});
