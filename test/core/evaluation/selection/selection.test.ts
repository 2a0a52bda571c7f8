import type { BlockCost } from '../../../../core/evaluation/costs/planCost';
import { planCosts } from '../../../../core/evaluation/costs/planCost';
import { widerConfigurations } from '../../../../core/evaluation/selection/searchSpace';
import {
  type Configuration,
  chooseContender,
  clearlyBetter,
  compare,
  described,
  lossOf,
  sweptRisks,
} from '../../../../core/evaluation/selection/selection';
import { seededRandom } from '../../../../core/statistics/random';

const risks = sweptRisks(0.01);
const configuration = (family: string, days = 28): Configuration => ({ family, days, parameters: {} });

/** Twelve blocks of 100 node-bins of foresight; `waste` above it, times `noise` of its own in every block. */
function blocksOf(waste: number, noise = 0, seed = 1, missing = 0): BlockCost[] {
  const random = seededRandom(seed);
  return Array.from({ length: 12 }, () => {
    const paid = 100 * (1 + waste * (1 + noise * (2 * random() - 1)));
    const at = { paid, missing, exceeded: 0, changes: 0 };
    return { demand: 90, foresight: 100, decisions: 360, at: [at, at, at] };
  });
}

const contender = (family: string, waste: number, noise = 0, seed = 1) => ({
  modelId: `${family}-1`,
  configuration: configuration(family),
  blocks: blocksOf(waste, noise, seed),
});
const serving = (family: string, waste: number, unseenBins: number, noise = 0, seed = 9) => ({
  ...contender(family, waste, noise, seed),
  modelId: `${family}-0`,
  unseenBins,
});
const options = { risk: 0.01, refreshBins: 1_440 };

test('models are judged at the accepted risk and above it, never above what a plan could mean', () => {
  expect(sweptRisks(0.01)).toEqual([0.1, 0.03, 0.01]);
  expect(sweptRisks(0.1)).toEqual([0.4, expect.closeTo(0.3), 0.1]);
  expect(sweptRisks(0.45)).toEqual([0.45]);
});

test('a missing node costs what the accepted risk says: 99 spare ones at 1 %', () => {
  const spare = blocksOf(0.2);
  const short = blocksOf(0.2, 0, 1, 1);
  // One node-bin of 100 missing a block: 9, 97/3 and 99 of 100 at 10, 3 and 1 %.
  const expected = Math.cbrt((0.2 + 0.09) * (0.2 + 0.97 / 3) * (0.2 + 0.99));
  expect(lossOf(spare, risks)).toBeCloseTo(0.2, 9);
  expect(lossOf(short, risks)).toBeCloseTo(expected, 9);
});

test('clearly better is more than the margin and more than chance', () => {
  expect(clearlyBetter(compare(blocksOf(0.2), blocksOf(0.3), risks))).toBe(true);
  expect(clearlyBetter(compare(blocksOf(0.29), blocksOf(0.3), risks))).toBe(false);
  expect(clearlyBetter(compare(blocksOf(0.27, 0.9, 2), blocksOf(0.3, 0.9, 3), risks))).toBe(false);
  expect(clearlyBetter(compare(blocksOf(0.1).slice(0, 2), blocksOf(0.3).slice(0, 2), risks))).toBe(false);
});

test('equals are told apart by chance in few of many draws', () => {
  let switched = 0;
  for (let seed = 0; seed < 400; seed++)
    if (clearlyBetter(compare(blocksOf(0.3, 0.5, 2 * seed), blocksOf(0.3, 0.5, 2 * seed + 1), risks)))
      switched++;
  expect(switched / 400).toBeLessThan(0.05);
});

test('without a model in use the least waste wins; what could not be judged never does', () => {
  const blind = { modelId: 'lstm-1', configuration: configuration('lstm'), blocks: null };
  const choice = chooseContender(
    [contender('prophet', 0.4), blind, contender('boosted', 0.3)],
    null,
    options,
  );
  expect(choice).toMatchObject({ promoted: 'boosted-1', outcome: 'first' });
  expect(choice.reason).toContain('boosted 30.0 %, prophet 40.0 %');
  expect(chooseContender([blind], null, options)).toMatchObject({ promoted: null, outcome: 'kept' });
});

test('the model in use stays unless another is clearly better', () => {
  const kept = chooseContender([contender('prophet', 0.295)], serving('boosted', 0.3, 10), options);
  expect(kept).toMatchObject({ promoted: null, outcome: 'kept' });
  expect(kept.reason).toMatch(/prophet, wastes 0\.983 times as much, ±0 %/);
  const better = chooseContender([contender('prophet', 0.2)], serving('boosted', 0.3, 10), options);
  expect(better).toMatchObject({ promoted: 'prophet-1', outcome: 'better' });
  expect(better.reason).toMatch(/prophet wastes 33 % less than the model in use, boosted 30\.0 %/);
});

test('its own configuration is refitted once it has missed enough, unless that is clearly worse', () => {
  const anew = contender('boosted', 0.3);
  expect(chooseContender([anew], serving('boosted', 0.3, 1_439), options).outcome).toBe('kept');
  expect(chooseContender([anew], serving('boosted', 0.3, 1_440), options)).toMatchObject({
    promoted: 'boosted-1',
    outcome: 'refreshed',
  });
  expect(chooseContender([anew], serving('boosted', 0.2, 1_440), options).outcome).toBe('kept');
  // Before that only where the refit is clearly better.
  expect(chooseContender([anew], serving('boosted', 0.5, 10), options).outcome).toBe('better');
});

test('fresher data alone is no merit of another configuration', () => {
  // The old model lost its way; its own refit is as good as the other family.
  const choice = chooseContender(
    [contender('prophet', 0.29), contender('boosted', 0.3)],
    serving('boosted', 0.6, 2_000),
    options,
  );
  expect(choice).toMatchObject({ promoted: 'boosted-1', outcome: 'refreshed' });
});

test('a model in use that can not be judged any more is replaced', () => {
  const broken = { ...serving('boosted', 0, 10), blocks: null };
  expect(chooseContender([contender('prophet', 0.4)], broken, options).promoted).toBe('prophet-1');
});

test('a wider search varies the two best families, without windows longer than the history', () => {
  const ranked = ['last-value', 'boosted', 'online-linear', 'prophet'].map((family) => configuration(family));
  const names = widerConfigurations(ranked, 10).map((wider) => described(wider));
  expect(names).toContain('boosted on 7 days');
  expect(names).toContain('online-linear with memoryDays 4');
  expect(names.some((name) => /14 days|prophet|last-value/.test(name))).toBe(false);
});

test('a plan pays for what it holds and misses what it lacks; missing bins cost nothing', () => {
  // 40 nodes carry the usual peak: one node a request.
  const counts = Float64Array.from({ length: 400 }, (_, bin) => (bin % 100 === 99 ? Number.NaN : 40));
  const flat = (value: number) => new Float64Array(counts.length).fill(value);
  const blocks = planCosts({ counts, peaks: [flat(38), flat(44)], leadBins: 2, holdBins: 1, blocks: 4 });
  expect(blocks).toHaveLength(4);
  for (const { demand, foresight, at } of blocks) {
    expect(demand).toBe(99 * 40);
    expect(foresight).toBe(99 * 40);
    expect(at[0]).toMatchObject({ paid: 99 * 38, missing: 99 * 2 });
    expect(at[1]).toMatchObject({ paid: 99 * 44, missing: 0, exceeded: 0 });
    expect(at[0]!.exceeded).toBeGreaterThan(95);
  }
});
