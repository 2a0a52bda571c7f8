/** Scores against a real PostgreSQL: what is due, counted once whoever scores it, and the figures of each model. */
import type { Database } from '../../../../../adapters/postgres';
import { type ForecastScore, figuresOf, sumsOf } from '../../../../../core/evaluation/accuracy/accuracy';
import type { Json } from '../../../../../core/forecasting/model';
import { suiteDatabase } from '../../../../support/suiteDatabase';

const binMs = 60_000;
const start = Date.UTC(2026, 4, 4);
const span = (fromBin: number, toBin: number) => ({
  binMs,
  longestBins: 15,
  fromMs: start + fromBin * binMs,
  toMs: start + toBin * binMs,
});

let database: Database;
suiteDatabase((made) => {
  database = made;
});

async function forecastAt(category: string, atBin: number, modelId: string | null = 'm1'): Promise<string> {
  const originMs = start + atBin * binMs;
  const id = `${category}@${atBin}`;
  await database.decisions.putForecast({
    id,
    category,
    madeMs: originMs + 900,
    modelId,
    family: modelId === null ? 'last-value' : 'boosted',
    horizonBins: [5, 15],
    leadBins: 4,
    probabilities: [0.5, 0.99],
    forecast: {
      originMs,
      horizons: [
        [50, 55],
        [150, 155],
      ],
      peak: [10, 20],
    },
  });
  return id;
}

const score = (forecastId: string, more: Partial<ForecastScore> = {}): ForecastScore => ({
  forecastId,
  modelId: 'm1',
  family: 'boosted',
  originMs: start,
  dueMs: start + 5 * binMs,
  horizonBins: 0,
  actual: 12,
  last: 8,
  median: 10,
  upper: 20,
  risk: 0.01,
  loss: 1,
  upperLoss: 0.1,
  baselineLoss: 2,
  baselineUpperLoss: 0.4,
  ...more,
});

const counting = (state: Json, fresh: readonly ForecastScore[]) => ({
  state: { seen: ((state as { seen: number } | null)?.seen ?? 0) + fresh.length },
  found: [],
});

test('a target is due once its window is over, with its own quantiles, until it is scored', async () => {
  const { accuracy } = database;
  const id = await forecastAt('due', 0);
  await forecastAt('another', 0);
  expect(await accuracy.due('due', span(-60, 4))).toEqual([]);
  const first = await accuracy.due('due', span(-60, 5));
  // The bin that starts at the decision and the four after it, and the fifth bin, end together.
  expect(first).toEqual([
    expect.objectContaining({ forecastId: id, horizonBins: 0, leadBins: 4, quantiles: [10, 20] }),
    expect.objectContaining({ horizonBins: 5, quantiles: [50, 55], originMs: start, modelId: 'm1' }),
  ]);
  await accuracy.record('due', [score(id), score(id, { horizonBins: 5 })], counting);
  expect(await accuracy.due('due', span(-60, 14))).toEqual([]);
  expect(await accuracy.due('due', span(-60, 15))).toEqual([
    expect.objectContaining({ horizonBins: 15, quantiles: [150, 155] }),
  ]);
  expect(await accuracy.due('due', span(16, 80))).toEqual([]);
});

test('a score counts once, also when two workers hand it in at the same time', async () => {
  const { accuracy } = database;
  const scores = Array.from({ length: 20 }, (_, index) => score(`once@${index}`));
  await Promise.all([1, 2, 3].map(() => accuracy.record('once', scores, counting)));
  expect(await accuracy.record('once', scores.slice(5), counting)).toEqual({ seen: 20 });
  expect((await accuracy.sums('once', start, start + 1))[0]?.scores).toBe(20);
});

test('what fails while the tests go on leaves the scores to be recorded again', async () => {
  const { accuracy } = database;
  const failing = accuracy.record('retried', [score('r1')], () => {
    throw new Error('out of memory');
  });
  await expect(failing).rejects.toThrow(/out of memory/);
  expect(await accuracy.sums('retried', start, start + 1)).toEqual([]);
  expect(await accuracy.record('retried', [score('r1')], counting)).toEqual({ seen: 1 });
});

test('figures per model and horizon are those of core over the same scores', async () => {
  const { accuracy } = database;
  const of = (modelId: string, horizonBins: number, count: number): ForecastScore[] =>
    Array.from({ length: count }, (_, index) =>
      score(`${modelId}/${horizonBins}/${index}`, {
        modelId,
        horizonBins,
        originMs: start + index * binMs,
        actual: 10 + ((index * 7) % 13),
        last: index % 4 === 0 ? null : 9,
        baselineLoss: index % 5 === 0 ? null : 1.5,
        baselineUpperLoss: index % 5 === 0 ? null : 0.3,
        loss: index / 10,
      }),
    );
  const peaks = of('a', 0, 30);
  await accuracy.record('figures', [...peaks, ...of('a', 5, 10), ...of('b', 0, 10)], counting);
  const found = await accuracy.ofModel('figures', 'a');
  expect(found.map(({ modelId, horizonBins }) => [modelId, horizonBins])).toEqual([
    ['a', 0],
    ['a', 5],
  ]);
  const expected = figuresOf(sumsOf(peaks));
  for (const [name, value] of Object.entries(figuresOf(found[0]!)))
    expect([name, value]).toEqual([name, expect.closeTo(expected[name as keyof typeof expected] ?? 0, 9)]);
  const late = await accuracy.ofModel('figures', 'a', start + 20 * binMs);
  expect(late.map(({ scores, horizonBins }) => [horizonBins, scores])).toEqual([[0, 10]]);
});

test('a drift is told once with when it began', async () => {
  const { accuracy } = database;
  const drift = {
    category: 'drifting',
    kind: 'level',
    modelId: 'm1',
    sinceMs: start,
    detectedMs: start + 9 * binMs,
    what: 'demand is 2.0 × what it was',
  };
  const find = () => ({ state: {}, found: [drift] });
  await accuracy.record('drifting', [], find);
  await accuracy.record('drifting', [], find);
  expect(await accuracy.drifts('drifting', start, start + 10 * binMs)).toEqual([drift]);
});
