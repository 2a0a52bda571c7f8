import { foldsOf } from '../../../../core/evaluation/costs/folds';
import { type JudgeInput, judgeConfiguration } from '../../../../core/evaluation/selection/judge';
import { lossOf } from '../../../../core/evaluation/selection/selection';
import { familyNamed } from '../../../../core/forecasting/families/families';
import type { FittedModel, ModelFamily } from '../../../../core/forecasting/model';
import { seriesOf, simulate } from '../../forecasting/simulated';

const history = simulate({ days: 6 });
const risks = [0.4, 0.3, 0.1];
const inputOf = (family: ModelFamily): JudgeInput => ({
  family,
  configuration: { family: family.name, days: 28, parameters: {} },
  history,
  context: { events: [] },
  options: { leadBins: 1, horizonBins: [1], seed: 1 },
  judging: { folds: foldsOf(history), risks, holdBins: 1 },
});

test('folds are the last three days, or parts of the end of a shorter history', () => {
  // 40 % of six days are less than three days: three parts of 230 bins.
  const ends = history.counts.length;
  expect(foldsOf(history).map(({ fromBin }) => fromBin)).toEqual([ends - 690, ends - 460, ends - 230]);
  const long = { ...history, counts: new Float64Array(20 * 288).fill(5) };
  expect(foldsOf(long)).toEqual([17, 18, 19].map((day) => ({ fromBin: day * 288, toBin: (day + 1) * 288 })));
  expect(foldsOf(seriesOf(new Float64Array(140).fill(5)))).toEqual([]);
  const gaps = new Float64Array(1_000).fill(Number.NaN).fill(5, 0, 650);
  expect(foldsOf(seriesOf(gaps))).toEqual([]);
});

test('no model sees anything of the fold that it decides', async () => {
  const seen: { fittedTo: number; asked: number[] }[] = [];
  const spy: ModelFamily = {
    ...familyNamed('last-value'),
    fit: async (part) => {
      const entry = { fittedTo: part.counts.length, asked: [] as number[] };
      seen.push(entry);
      return {
        family: 'spy',
        contextBins: 10_000,
        forecast: (recent) => {
          entry.asked.push(recent.counts.length);
          return { originMs: 0, horizons: [[1]], peak: risks.map(() => 1) };
        },
        serialize: () => null,
      } satisfies FittedModel;
    },
  };
  await judgeConfiguration(inputOf(spy));
  const folds = foldsOf(history);
  expect(seen.map(({ fittedTo }) => fittedTo)).toEqual(folds.map(({ fromBin }) => fromBin));
  seen.forEach(({ asked }, index) => {
    expect(asked[0]).toBe(folds[index]!.fromBin);
    expect(asked.at(-1)).toBe(folds[index]!.toBin - 1);
    expect(asked).toHaveLength(folds[index]!.toBin - folds[index]!.fromBin);
  });
});

test('when refits take too long the model of the fold before goes on', async () => {
  const family = familyNamed('last-value');
  let fits = 0;
  const counted: ModelFamily = {
    ...family,
    fit: (...given) => {
      fits++;
      return family.fit(...given);
    },
  };
  const blocks = await judgeConfiguration({ ...inputOf(counted), refits: () => false });
  expect(fits).toBe(1);
  expect(blocks).toHaveLength(12);
});

test('a family that the past of a fold can not carry is not judged', async () => {
  const short = { ...history, counts: history.counts.slice(0, 320) };
  const input = inputOf(familyNamed('boosted'));
  const judging = { ...input.judging, folds: foldsOf(short) };
  expect(judging.folds).toHaveLength(3);
  expect(await judgeConfiguration({ ...input, history: short, judging })).toBeNull();
});

test('on a noisy daily wave a model that learns it wastes less than the last value', async () => {
  const [learned, last] = await Promise.all(
    ['online-linear', 'last-value'].map((name) => judgeConfiguration(inputOf(familyNamed(name)))),
  );
  expect(lossOf(learned!, risks) / lossOf(last!, risks)).toBeLessThan(0.9);
});
