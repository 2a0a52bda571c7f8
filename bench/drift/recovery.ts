/**
 * How soon what PAM pays above foresight is back after the workload has changed for good: real traces replayed with a
 * change put in, forecasts as in service (boosted, refitted daily; with --refit also when a drift is found), decisions as
 * in production, beside the best reactive rule at the same overflow and beside the same trace without the change.
 * `recovery.ts [--traces A,B] [--refit] [--each N] [--days N]`, the folder of the traces in PAM_TRACES; `--days` follows a
 * change for longer, to tell what is still to be learned from what the change has made of the demand for good.
 */

import { binsPerDay } from '../../core/demand/clock';
import type { DemandSeries } from '../../core/demand/series';
import { foresightPlan } from '../../core/evaluation/costs/foresight';
import { type DriftState, firstDriftState } from '../../core/evaluation/drift/drift';
import { autoCapacity } from '../../simulation/evaluatedTrace';
import type { CategoryForecasts } from '../../simulation/forecasts';
import { costAt, frontierOf } from '../../simulation/frontier';
import { targets } from '../../simulation/policies/knobs';
import { pamPolicies } from '../../simulation/policies/pam';
import { reactive } from '../../simulation/policies/reactive';
import { accountOf, type EvaluatedTrace, type Policy, replay } from '../../simulation/replay';
import { firstFitDays, learningDays, type Part, parts, readPart } from './parts';
import {
  advanceTests,
  branchOf,
  fitAt,
  type Injection,
  type InService,
  injected,
  injections,
  inServiceWith,
  queryFor,
  risk,
  stepInService,
} from './runForecasts';

const hour = 60;
const given = process.argv.slice(2);
const after = (option: string) => (given.includes(option) ? given[given.indexOf(option) + 1] : undefined);
const days = Number(after('--days') ?? 1);
const beforehand = 24 * hour;
const followed = days * 24 * hour;
/** Hours since the change. */
const windows: readonly (readonly [number, number])[] = [
  [-24, 0],
  [0, 6],
  [6, 12],
  [12, 24],
  ...Array.from({ length: days - 1 }, (_, index) => [24 * (index + 1), 24 * (index + 2)] as const),
];

/** Sums over the injections of a trace. */
interface Sums {
  cost: number;
  overflow: number;
}
interface Window {
  foresight: number;
  demand: number;
  pam: Sums;
  reactive: Sums[];
}

const noWindows = (): Window[] =>
  windows.map(() => ({
    foresight: 0,
    demand: 0,
    pam: { cost: 0, overflow: 0 },
    reactive: targets.map(() => ({ cost: 0, overflow: 0 })),
  }));

interface Served {
  readonly at: InService;
  readonly tests: DriftState;
  /** Whether a drift was found with the last bin. */
  readonly found: boolean;
}

async function measure(part: Part, each: number, refits: boolean): Promise<void> {
  const series = await readPart(process.env.PAM_TRACES!, part);
  const day = binsPerDay(series.clock);
  const first = firstFitDays * day;
  const whole = series.counts.length;
  const step = Math.floor((whole - followed - 6 - learningDays * day) / each);
  const changes = new Set(
    Array.from({ length: each }, (_, index) => learningDays * day + index * step + 100),
  );
  const requestsPerNodeBin = autoCapacity(series.counts.subarray(learningDays * day));
  const peaks: (readonly number[])[] = [];
  let served: Served = {
    at: inServiceWith(await fitAt(series, first, null, 'fit-0')),
    tests: firstDriftState(series.clock, series.startMs, 'fit-0'),
    found: false,
  };
  served = { ...served, tests: advanceTests(served.tests, series, 0, first, [], 'fit-0').state };
  const branches: {
    from: number;
    what: Injection;
    changed: DemandSeries;
    peaks: (readonly number[])[];
    found: number | null;
  }[] = [];
  for (let index = first; index < whole; index++) {
    if (changes.has(index))
      for (const what of injections) {
        const changed = injected(series, index, what, followed + 6);
        branches.push({
          from: index,
          what,
          changed,
          ...(await follow(changed, index, served, first, refits)),
        });
      }
    served = await serve(served, series, index, first, peaks);
  }
  const unchanged = noWindows();
  const changed = new Map(injections.map((what) => [what, noWindows()]));
  for (const from of changes) await addTo(unchanged, series, requestsPerNodeBin, from, peaks);
  for (const { from, what, changed: series, peaks: own } of branches)
    await addTo(changed.get(what)!, series, requestsPerNodeBin, from, [
      ...peaks.slice(0, from),
      ...own.slice(from),
    ]);
  print(`${part.name}, ${each} injections each, without a change`, unchanged, unchanged);
  for (const what of injections) {
    const delays = branches.filter((branch) => branch.what === what).map(({ found }) => found);
    print(
      `${part.name}, ${what} (drift found after ${delays.map((bins) => bins ?? '–').join(', ')} min)`,
      changed.get(what)!,
      unchanged,
    );
  }
}

/** One decision at bin `index`, after the refit that is due; its peak quantiles go to `peaks[index]`. */
async function serve(
  { at, tests }: Served,
  series: DemandSeries,
  index: number,
  first: number,
  peaks: (readonly number[])[],
  refitNow = false,
): Promise<Served> {
  const daily = index > first && (index - first) % binsPerDay(series.clock) === 0;
  const {
    at: after,
    scores,
    peak,
  } = await stepInService(
    daily || refitNow ? { ...at, incumbent: await fitAt(series, index, at.incumbent, `fit-${index}`) } : at,
    series,
    index,
  );
  peaks[index] = peak;
  const advanced = advanceTests(tests, series, index - 1, index, scores, after.incumbent.id);
  return { at: after, tests: advanced.state, found: advanced.found.length > 0 };
}

/** What would have been forecast from bin `from` on had demand been `changed`; `found`: bins until a drift was. */
async function follow(
  changed: DemandSeries,
  from: number,
  inService: Served,
  first: number,
  refits: boolean,
): Promise<{ peaks: (readonly number[])[]; found: number | null }> {
  const peaks: (readonly number[])[] = [];
  let found: number | null = null;
  let served: Served = { ...inService, at: branchOf(inService.at), found: false };
  for (let index = from; index < from + followed; index++) {
    served = await serve(served, changed, index, first, peaks, refits && served.found);
    if (served.found) found ??= index - from;
  }
  return { peaks, found };
}

/** Forecasts that were made before, as the policy asks for them. */
function madeForecasts(
  { series, fromBin }: EvaluatedTrace,
  peaks: readonly (readonly number[])[],
): CategoryForecasts {
  const { probabilities } = queryFor(series);
  const forecastAt = (bin: number) => {
    const peak = peaks[bin];
    const originMs = series.startMs + bin * series.clock.binMs;
    return peak === undefined ? null : { originMs, horizons: [], peak };
  };
  return {
    probabilities,
    at: async ({ bin }) => forecastAt(bin),
    made: () => peaks.slice(fromBin).map((_, index) => forecastAt(fromBin + index)),
  };
}

/** Costs and overflow from a day before the change to as long after it as is followed, by window. */
async function addTo(
  sums: Window[],
  series: DemandSeries,
  requestsPerNodeBin: number,
  from: number,
  peaks: readonly (readonly number[])[],
): Promise<void> {
  const fromBin = from - beforehand;
  const toBin = from + followed;
  const trace: EvaluatedTrace = {
    category: 'changed',
    series,
    events: [],
    fromBin,
    toBin,
    requestsPerNodeBin,
    leadBins: 5,
  };
  const [pam] = pamPolicies({
    risks: [risk],
    forecasting: (of) => madeForecasts(of, peaks),
  });
  const counts = series.counts.subarray(fromBin, toBin);
  const eachMeasured = (look: (bin: number, window: Window) => void) =>
    windows.forEach(([fromHour, toHour], place) => {
      for (let bin = beforehand + fromHour * hour; bin < beforehand + toHour * hour; bin++)
        if (!Number.isNaN(counts[bin]!)) look(bin, sums[place]!);
    });
  const add = async (policy: Policy, sumsOf: (window: Window) => Sums) => {
    const { billed, overflow } = await replay(trace, policy);
    eachMeasured((bin, window) => {
      const own = sumsOf(window);
      own.cost += billed[bin]!;
      own.overflow += overflow[bin]! / requestsPerNodeBin;
    });
  };
  const best = accountOf(trace, foresightPlan({ counts, leadBins: 5, requestsPerNodeBin }));
  eachMeasured((bin, window) => {
    window.foresight += best.billed[bin]!;
    window.demand += counts[bin]! / requestsPerNodeBin;
  });
  await add(pam!, (window) => window.pam);
  for (const [index, target] of targets.entries())
    await add(reactive(target), (window) => window.reactive[index]!);
}

/** Excess ratio at PAM's own overflow, null where no reactive target reaches it; waste is (cost − foresight) ÷ foresight. */
function figuresOf({ pam, reactive: rivals, foresight, demand }: Window) {
  const frontier = frontierOf(
    rivals.map(({ cost, overflow }, index) => ({
      knob: `${targets[index]}`,
      cost,
      overflowRate: overflow / demand,
    })),
  );
  const overflow = pam.overflow / demand;
  const rival = costAt(frontier, overflow);
  return {
    overflow,
    waste: pam.cost / foresight - 1,
    excess: rival === null || rival <= foresight ? null : (pam.cost - foresight) / (rival - foresight),
  };
}

function print(title: string, all: readonly Window[], unchanged: readonly Window[]): void {
  process.stdout.write(`${title}\n`);
  const before = figuresOf(unchanged[0]!);
  all.forEach((window, place) => {
    const [from, to] = windows[place]!;
    const { overflow, waste, excess } = figuresOf(window);
    const same = figuresOf(unchanged[place]!);
    const ratio = (a: number | null, b: number | null) =>
      a === null || b === null ? '–' : (a / b).toFixed(2);
    process.stdout.write(
      `  ${`${from} to ${to} h`.padEnd(11)} overflow ${(100 * overflow).toFixed(2)} %, waste ${waste.toFixed(3)}, excess ${excess?.toFixed(2) ?? '–'}; ÷ before: waste ${ratio(waste, before.waste)}, excess ${ratio(excess, before.excess)}; ÷ same hours without the change: waste ${ratio(waste, same.waste)}, excess ${ratio(excess, same.excess)}\n`,
    );
  });
}

async function main(): Promise<void> {
  if (!process.env.PAM_TRACES) throw new Error('PAM_TRACES: expected the folder of the traces');
  const names = after('--traces')?.split(',');
  for (const part of parts)
    if (names === undefined || names.includes(part.name))
      await measure(part, Number(after('--each') ?? 4), given.includes('--refit'));
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
});
