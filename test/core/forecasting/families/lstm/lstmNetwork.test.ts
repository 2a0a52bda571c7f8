import {
  initialWeights,
  LstmNetwork,
  type NetworkShape,
} from '../../../../../core/forecasting/families/lstm/lstmNetwork';

const shape: NetworkShape = { steps: 3, stepInputs: 2, units: 4, statics: 3, hidden: 5, heads: 4 };

const answer = (network: LstmNetwork, sequence: readonly number[], statics: readonly number[]) => {
  const heads = new Float64Array(shape.heads);
  network.read(sequence);
  network.quantiles(statics, heads);
  return Array.from(heads);
};

test('quantiles never cross, however large the inputs are', () => {
  const network = new LstmNetwork(shape, initialWeights(shape, 3));
  for (const size of [0, 1e-3, 1, 50, 1e6, -1e6]) {
    const heads = answer(network, Array(6).fill(size), [size, -size, 1]);
    expect(heads.every(Number.isFinite)).toBe(true);
    expect([...heads].sort((a, b) => a - b)).toEqual(heads);
  }
});

test('a sequence leaves nothing behind for the next', () => {
  const weights = initialWeights(shape, 3);
  const used = new LstmNetwork(shape, weights);
  answer(used, [9, 9, 9, 9, 9, 9], [1, 1, 1]);
  expect(answer(used, [1, 2, 3, 4, 5, 6], [0, 1, 0])).toEqual(
    answer(new LstmNetwork(shape, weights), [1, 2, 3, 4, 5, 6], [0, 1, 0]),
  );
});

test('a stored network answers the same; one with a weight too few is refused with its name', () => {
  const network = new LstmNetwork(shape, initialWeights(shape, 3));
  const stored = JSON.parse(JSON.stringify(network.serialize()));
  expect(answer(LstmNetwork.load(stored), [1, 2, 3, 4, 5, 6], [0, 1, 0])).toEqual(
    answer(network, [1, 2, 3, 4, 5, 6], [0, 1, 0]),
  );
  stored.weights.headBias = stored.weights.bias;
  expect(() => LstmNetwork.load(stored)).toThrow(/"headBias" has 16 numbers, expected 4/);
  expect(() => LstmNetwork.load({})).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));
});
