/** What nodes say of their work becomes the use of a pool; what they do not say is not known. */
import { type NodeLoad, poolUse, utilization } from '../../../core/demand/nodeUse';

const load = (busySlotSeconds: number, served: number, concurrency = 2): NodeLoad => ({
  busySlotSeconds,
  served,
  concurrency,
});

test('growth of the nodes that were there, and all of those that are new', () => {
  const use = poolUse({ a: load(10, 100) }, { a: load(13, 130), b: load(1, 10) }, 10_000);
  expect(use).toEqual({ busySeconds: 4, served: 40, capacitySeconds: 40 });
});

test('a node that began anew does not count backwards, and no node is no answer', () => {
  expect(poolUse({ a: load(10, 100) }, { a: load(1, 4) }, 10_000)).toMatchObject({
    busySeconds: 0,
    served: 0,
  });
  expect(poolUse({ a: load(10, 100) }, {}, 10_000)).toBeNull();
});

test('utilization is that of the nodes that were there before, and at most 1', () => {
  expect(utilization({ a: load(0, 0) }, { a: load(5, 50), b: load(20, 9) }, 10_000)).toBeCloseTo(0.25);
  expect(utilization({ a: load(0, 0) }, { a: load(50, 50) }, 10_000)).toBe(1);
  expect(utilization({}, { b: load(5, 50) }, 10_000)).toBeNull();
});
