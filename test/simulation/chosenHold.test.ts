/** The hold that PAM chooses in a replay: from its own past decisions, never from what comes after them. */
import { seededRandom } from '../../core/statistics/random';
import { pamPolicies } from '../../simulation/policies/pam';
import { type EvaluatedTrace, replay } from '../../simulation/replay';
import { traceOf } from './traces';

jest.setTimeout(120_000);

/** Days of 240 minutes. */
const dayBins = 240;
const fromBin = dayBins;
const days = 7;

/** Levels that last half an hour, with hardly any noise: whatever is held once they fall is waste. */
function steps(): Float64Array {
  const random = seededRandom(5);
  return Float64Array.from({ length: (days + 1) * dayBins }, (_, bin) =>
    Math.round((Math.floor(bin / 30) % 2 === 0 ? 4_000 : 1_000) * (1 + 0.01 * random())),
  );
}

function judged(counts: Float64Array): EvaluatedTrace {
  const trace = traceOf(counts, { fromBin, requestsPerNodeBin: 50, leadBins: 5 });
  const clock = { ...trace.series.clock, dayMs: dayBins * trace.series.clock.binMs };
  return { ...trace, series: { ...trace.series, clock } };
}

const pam = (scaleDownHoldMs?: number) =>
  pamPolicies({
    risks: [0.05],
    family: 'last-value',
    ...(scaleDownHoldMs === undefined ? {} : { scaleDownHoldMs }),
  })[0]!;
const plannedBy = async (counts: Float64Array, holdMs?: number) => [
  ...(await replay(judged(counts), pam(holdMs))).planned,
];

test('until three days are decided the default holds, then what they show is best', async () => {
  const counts = steps();
  const [chosen, held, free] = [
    await plannedBy(counts),
    await plannedBy(counts, 120_000),
    await plannedBy(counts, 0),
  ];
  const known = 3 * dayBins;
  expect(chosen.slice(0, known)).toEqual(held.slice(0, known));
  expect(chosen.slice(known)).not.toEqual(held.slice(known));
  // Once the last node of the old hold is gone it is as if there had never been one.
  expect(chosen.slice(known + 2)).toEqual(free.slice(known + 2));
});

test('a pinned hold stays as it is', async () => {
  const counts = steps();
  expect(await plannedBy(counts, 600_000)).not.toEqual(await plannedBy(counts));
});

test('what comes after a decision changes neither it nor the hold of before', async () => {
  const counts = steps();
  const honest = await plannedBy(counts);
  for (const cut of [fromBin + 3 * dayBins, fromBin + 5 * dayBins + 17]) {
    const corrupted = counts.map((count, bin) => (bin < cut ? count : 50_000 + 17 * (bin % 13)));
    const other = await plannedBy(corrupted);
    expect(other.slice(0, cut - fromBin + 1)).toEqual(honest.slice(0, cut - fromBin + 1));
    expect(other.slice(cut - fromBin + 1)).not.toEqual(honest.slice(cut - fromBin + 1));
  }
});
