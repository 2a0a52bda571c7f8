import { resolve } from 'node:path';
import { createTrainer } from '../../../adapters/trainer';
import { sliceSeries } from '../../../core/demand/series';
import type { BlockCost } from '../../../core/evaluation/costs/planCost';
import { replayThrough } from '../../../core/forecasting/calibration/successor';
import { familyNamed, modelFamilies } from '../../../core/forecasting/families/families';
import type { Json } from '../../../core/forecasting/model';
import type { FitJob } from '../../../ports/trainer';
import { dayMs, simulate, startMs } from '../../core/forecasting/simulated';

const history = simulate({ days: 15 });
const job = (family: string): FitJob => ({
  configuration: { family, days: 28, parameters: {} },
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
  previous: null,
  // Judged on the last day only, to keep the test short.
  judging: { folds: [{ fromBin: 14 * 288, toBin: 15 * 288 }], risks: [0.15, 0.05], holdBins: 1 },
  refitWithinMs: 60_000,
});

const trainer = createTrainer({
  threads: 2,
  execArgv: ['-r', resolve(__dirname, '../../support/compileTypeScript.js')],
});
afterAll(() => trainer.close());

test.each(modelFamilies.map(({ name }) => name))(
  'fits "%s" in a thread; any process loads what comes back',
  async (name) => {
    const { state, blocks, fitMs } = await trainer.fit(job(name));
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
    const sum = (part: (block: BlockCost) => number) => blocks!.reduce((all, block) => all + part(block), 0);
    expect(sum(({ decisions }) => decisions)).toBeGreaterThan(250);
    expect(sum(({ at }) => at[1]!.exceeded) / sum(({ decisions }) => decisions)).toBeLessThan(0.2);
    expect(sum(({ at }) => at[1]!.paid)).toBeGreaterThan(sum(({ foresight }) => foresight));
    expect(fitMs).toBeGreaterThan(0);
    expect(JSON.stringify(state).length).toBeLessThan(1_000_000);
  },
  180_000,
);

test('a model that serves is judged as it was stored on days that it has not seen, by its configuration on others', async () => {
  const { judging, ...rest } = job('online-linear');
  const options = { ...rest.options, horizonBins: [1] };
  const yesterday = { ...rest, options, history: { ...history, counts: history.counts.slice(0, 14 * 288) } };
  const { state } = await trainer.fit({ ...yesterday, judging: null });
  const unseen = { ...rest, options, judging: judging! };
  const fitted = await trainer.fit(unseen);
  const serving = await trainer.judge({
    ...unseen,
    serving: { state, trainedToMs: startMs + 14 * dayMs },
  });
  // Fitted on the same bins as the candidate of that day, it decides alike.
  expect(serving).toEqual(fitted.blocks);
  const seen = await trainer.judge({
    ...unseen,
    serving: { state: fitted.state, trainedToMs: startMs + 15 * dayMs },
  });
  expect(seen).toEqual(fitted.blocks);
}, 60_000);

test('a fit that follows a model in service goes on with its calibration; a state of another version is left', async () => {
  const yesterday = { ...history, counts: history.counts.slice(0, 14 * 288) };
  const alone = { ...job('online-linear'), judging: null };
  const { state } = await trainer.fit({ ...alone, history: yesterday });
  const trainedToMs = startMs + 14 * dayMs;
  const calibrations = async (previous: FitJob['previous']) => {
    const fitted = await trainer.fit({ ...alone, previous });
    return (fitted.state as { targets: { calibration: Json }[] }).targets.map(
      ({ calibration }) => calibration,
    );
  };
  const served = familyNamed('online-linear').load(state);
  replayThrough(served, history, { events: alone.events }, alone.options, {
    fromMs: trainedToMs,
    toMs: startMs + 15 * dayMs,
  });
  const learned = (served.serialize() as { targets: { calibration: Json }[] }).targets;
  expect(await calibrations({ state, trainedToMs })).toEqual(learned.map(({ calibration }) => calibration));
  const older = { ...(state as { [key: string]: Json }), version: 0 };
  expect(await calibrations({ state: older, trainedToMs })).toEqual(await calibrations(null));
}, 60_000);

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
  await expect(trainer.fit({ ...job('boosted'), history: short, judging: null })).rejects.toMatchObject({
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

test('without the native library the LSTM is trained all the same, which is told once', async () => {
  const notices: string[] = [];
  process.env.PAM_TENSORFLOW_BACKEND = 'wasm';
  const here = createTrainer({
    threads: 1,
    execArgv: ['-r', resolve(__dirname, '../../support/compileTypeScript.js')],
    notify: (notice) => notices.push(notice),
  });
  try {
    // A constant and nothing at all can be learned, too.
    for (const count of [40, 0]) {
      const flat = { ...history, counts: new Float64Array(500).fill(count) };
      const { state } = await here.fit({ ...job('lstm'), history: flat, judging: null });
      const { peak } = familyNamed('lstm')
        .load(state)
        .forecast(flat, { horizonBins: [1], leadBins: 1, probabilities: [0.5, 0.99] }, { events: [] });
      expect(Math.abs(peak[0]! - count)).toBeLessThan(0.5);
      expect(peak[1]).toBeLessThan(1.1 * count + 1);
    }
  } finally {
    delete process.env.PAM_TENSORFLOW_BACKEND;
    await here.close();
  }
  expect(notices).toEqual([expect.stringContaining('WebAssembly')]);
}, 120_000);
