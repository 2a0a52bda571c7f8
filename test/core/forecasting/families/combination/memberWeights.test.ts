import { MemberWeights } from '../../../../../core/forecasting/families/combination/memberWeights';

const good = [100, 120, 125, 140];
const bad = [50, 60, 65, 70];

test('members count alike before anything is known', () => {
  expect(Array.from(new MemberWeights(4, 100).at(0.95))).toEqual([0.25, 0.25, 0.25, 0.25]);
});

test('the better member gets the weight, and loses it again within some half-lives when it turns worse', () => {
  const weights = new MemberWeights(2, 20);
  for (let bin = 0; bin < 50; bin++) weights.learn([good, bad], 100);
  expect(weights.at(0.5)[0]).toBeGreaterThan(0.95);
  for (let bin = 0; bin < 100; bin++) weights.learn([good, bad], 50);
  expect(weights.at(0.5)[1]).toBeGreaterThan(0.9);
});

test('the middle and the upper quantiles are weighed apart, linear between them', () => {
  const weights = new MemberWeights(2, 20);
  // The same median, but the second member's upper quantiles are far too high.
  for (let bin = 0; bin < 50; bin++) weights.learn([good, [100, 1_000, 2_000, 3_000]], 110);
  const [middle, between, above] = [0.5, 0.7, 0.95].map((probability) => weights.at(probability)[0]!);
  expect(middle).toBeCloseTo(0.5, 6);
  expect(above).toBeGreaterThan(0.99);
  expect(between).toBeCloseTo((middle! + above!) / 2, 6);
});

test('a member without any loss takes it all', () => {
  const weights = new MemberWeights(2, 20);
  weights.learn([[100, 100, 100, 100], good], 100);
  expect(Array.from(weights.at(0.95))).toEqual([1, 0]);
});

test('is stored and loaded; of another number of members it is refused', () => {
  const weights = new MemberWeights(2, 20);
  weights.learn([good, bad], 100);
  const state = JSON.parse(JSON.stringify(weights.serialize()));
  const loaded = MemberWeights.load(state, 2, 20).at(0.5);
  loaded.forEach((share, member) => {
    expect(share).toBeCloseTo(weights.at(0.5)[member]!, 5);
  });
  expect(() => MemberWeights.load(state, 3, 20)).toThrow('3 64-bit floats');
});
