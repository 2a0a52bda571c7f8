import { resolve } from 'node:path';
import { createTrainer } from '../../../adapters/trainer';
import { sliceSeries } from '../../../core/demand/series';
import { familyNamed, modelFamilies } from '../../../core/forecasting/families';
import type { FitJob } from '../../../ports/trainer';
import { dayMs, simulate, startMs } from '../../core/forecasting/simulated';

const history = simulate({ days: 15 });
const job = (family: string): FitJob => ({
  family,
  history,
  events: [
    {
      id: 'a',
      kind: 'sale',
      title: 'Sale',
      startMs: startMs + 3.4 * dayMs,
      endMs: startMs + 3.5 * dayMs,
      source: 'test',
    },
  ],
  options: { leadBins: 1, horizonBins: [1, 3], seed: 1 },
  holdoutBins: 288,
  risk: 0.05,
});

const trainer = createTrainer({
  threads: 2,
  execArgv: ['-r', resolve(__dirname, '../../support/compileTypeScript.js')],
});
afterAll(() => trainer.close());

test.each(modelFamilies.map(({ name }) => name))(
  'fits "%s" in a thread; any process loads what comes back',
  async (name) => {
    const { state, figures } = await trainer.fit(job(name));
    const stored = JSON.parse(JSON.stringify(state));
    const model = familyNamed(name).load(stored);
    const recent = sliceSeries(history, startMs + 7 * dayMs, startMs + 15 * dayMs);
    const forecast = model.forecast(
      recent,
      { horizonBins: [1, 3], leadBins: 1, probabilities: [0.5, 0.99] },
      { events: [] },
    );
    const last = history.counts.at(-1)!;
    expect(forecast.peak[0]).toBeGreaterThan(0.5 * last);
    expect(forecast.peak[1]).toBeLessThan(4 * last);
    expect(figures?.decisions).toBeGreaterThan(250);
    expect(figures?.realizedRisk).toBeLessThan(0.2);
    expect(figures?.fitMs).toBeGreaterThan(0);
    expect(JSON.stringify(state).length).toBeLessThan(1_000_000);
  },
  60_000,
);

test('a fit that is called off ends at once and frees its thread', async () => {
  const controller = new AbortController();
  const fit = trainer.fit(job('boosted'), controller.signal);
  setTimeout(() => controller.abort(new Error('enough')), 150);
  const began = performance.now();
  await expect(fit).rejects.toThrow('enough');
  expect(performance.now() - began).toBeLessThan(1_000);
  await expect(trainer.fit(job('last-value'))).resolves.toHaveProperty('state');
}, 30_000);

test('a series that is too short is refused as invalid data, with the reason', async () => {
  const short = { ...history, counts: history.counts.slice(0, 100) };
  await expect(trainer.fit({ ...job('boosted'), history: short, holdoutBins: 0 })).rejects.toMatchObject({
    code: 'INVALID_DATA',
    message: expect.stringContaining('100'),
  });
});

test('jobs beyond the number of threads wait; a closed trainer refuses what waits and what comes', async () => {
  const small = createTrainer({
    threads: 1,
    execArgv: ['-r', resolve(__dirname, '../../support/compileTypeScript.js')],
  });
  const first = small.fit(job('boosted'));
  const second = small.fit(job('boosted'));
  const failures = Promise.all([
    expect(first).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
    expect(second).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
  ]);
  await small.close();
  await failures;
  await expect(small.fit(job('boosted'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});
