/** The rules of the scorecard: hand-computed, against a slow account of single nodes, and blind to the future. */
import fc from 'fast-check';
import { policiesNamed, policyNames } from '../../simulation/policies/catalogue';
import { accountOf, type Policy, replay } from '../../simulation/replay';
import { dailyCounts, traceOf } from './traces';

jest.setTimeout(120_000);

test('orders take traffic after the lead, are paid for at once, and go newest first', () => {
  const counts = [10, 10, 25, 25, 45, Number.NaN, 45, 10];
  const planned = [1, 3, 3, 2, 5, 5, 1, 1];
  const { routable, billed, overflow } = accountOf(traceOf(counts), planned);
  // Two ordered in bin 1 arrive in 3, where one is given up; three ordered in bin 4 would arrive in 6 and are given up.
  expect([...routable]).toEqual([1, 1, 1, 2, 2, 2, 1, 1]);
  expect([...billed]).toEqual(planned);
  expect([...overflow]).toEqual([0, 0, 15, 5, 25, Number.NaN, 35, 0]);
});

test('an order that is not there yet is given up before a node that takes traffic', () => {
  const { routable } = accountOf(traceOf([0, 0, 0, 0, 0, 0], { leadBins: 3 }), [2, 4, 6, 4, 4, 6]);
  // The two of bin 2 go in bin 3; those of bin 1 arrive in bin 4.
  expect([...routable]).toEqual([2, 2, 2, 2, 4, 4]);
});

test('without a lead what is planned takes traffic at once', () => {
  expect([...accountOf(traceOf([5, 5, 5], { leadBins: 0 }), [1, 4, 2]).routable]).toEqual([1, 4, 2]);
});

/** Node by node, as slowly as it gets: each has the bin that it was ordered in. */
function singleNodes(planned: readonly number[], lead: number) {
  let nodes: number[] = Array.from({ length: planned[0]! }, () => -lead);
  return planned.map((wanted, bin) => {
    while (nodes.length < wanted) nodes.push(bin);
    nodes = nodes.sort((a, b) => a - b).slice(0, wanted);
    return { routable: nodes.filter((ordered) => ordered + lead <= bin).length, billed: nodes.length };
  });
}

test('the account agrees with one that follows single nodes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 8 }),
      (planned, leadBins) => {
        const { routable, billed } = accountOf(
          traceOf(
            planned.map(() => 0),
            { leadBins },
          ),
          planned,
        );
        const slow = singleNodes(planned, leadBins);
        expect([...routable]).toEqual(slow.map((bin) => bin.routable));
        expect([...billed]).toEqual(slow.map((bin) => bin.billed));
      },
    ),
  );
});

const everyPolicy = policiesNamed([], { risks: [0.05], seed: 3 });
const oneOfEach = policyNames.map((name) => {
  const knobs = everyPolicy.filter((policy) => policy.name === name);
  return knobs[Math.floor(knobs.length / 2)]!;
});

describe.each(oneOfEach.map((policy): [string, Policy] => [policy.name, policy]))('%s', (name, policy) => {
  const binMs = 600_000;
  const bins = 10 * 144;
  const fromBin = 5 * 144;
  const cut = fromBin + 3 * 144;
  const gap: [number, number] = [fromBin + 90, fromBin + 130];
  const judged = { binMs, fromBin, toBin: bins, requestsPerNodeBin: 9, leadBins: 1 };

  test('plans whole nodes, at least one, through gaps and a start without history', async () => {
    const counts = dailyCounts(bins, binMs, 7, gap);
    for (const from of [0, fromBin]) {
      const { planned, routable, billed } = await replay(
        traceOf(counts, { ...judged, fromBin: from }),
        policy,
      );
      expect(planned).toHaveLength(bins - from);
      planned.forEach((nodes, bin) => {
        expect(nodes).toBeGreaterThanOrEqual(1);
        expect(nodes).toBeLessThan(10_000);
        expect(routable[bin]).toBeLessThanOrEqual(billed[bin]!);
        expect(billed[bin]).toBe(nodes);
      });
    }
  });

  const seesTheFuture = name === 'foresight' || name === 'static-peak';
  test(`decides ${seesTheFuture ? 'with' : 'without'} the future`, async () => {
    const counts = dailyCounts(bins, binMs, 7, gap);
    const corrupted = counts.map((count, bin) => (bin < cut ? count : 5_000 + 17 * (bin % 13)));
    const honest = await replay(traceOf(counts, judged), policy);
    const other = await replay(traceOf(corrupted, judged), policy);
    const known = cut - fromBin;
    // The decision of bin `cut` is the last one that the corrupted bins can't have reached.
    const same =
      [...honest.planned.subarray(0, known + 1)].join() === [...other.planned.subarray(0, known + 1)].join();
    expect(same).toBe(!seesTheFuture);
    expect([...honest.planned.subarray(known + 2)]).not.toEqual([...other.planned.subarray(known + 2)]);
  });
});

test('PAM at a lower risk never plans fewer nodes', async () => {
  const binMs = 600_000;
  const trace = traceOf(dailyCounts(8 * 144, binMs, 5), {
    binMs,
    fromBin: 6 * 144,
    requestsPerNodeBin: 9,
    leadBins: 1,
  });
  const [bold, careful] = policiesNamed(['pam'], { risks: [0.1, 0.01], seed: 1 });
  const less = await replay(trace, bold!);
  const more = await replay(trace, careful!);
  expect(more.planned.every((nodes, bin) => nodes >= less.planned[bin]!)).toBe(true);
  expect(more.planned.some((nodes, bin) => nodes > less.planned[bin]!)).toBe(true);
});
