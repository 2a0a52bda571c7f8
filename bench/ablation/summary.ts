/** Figures of every part → one table: what each part costs, and what it brings with and without, by trace and seed. */
import type { PartCost } from './costs';
import { geometricMean, grouped, shown, spread, table } from './markdown';
import type { Ablation, Where } from './measure';
import type { DriftFigures } from './parts/driftTests';
import { costlyFamilies } from './parts/families';
import { guards as allGuards, type Guard } from './parts/guards';
import { failures } from './replay/scenarios';

export interface AblationResults extends Ablation {
  readonly costs: readonly PartCost[];
}

/** One comparison: what was wasted with the part ÷ without it. */
interface Compared extends Where {
  readonly ratio: number;
}

interface Row {
  readonly part: string;
  readonly cost: PartCost | undefined;
  readonly time: string;
  readonly compared: readonly Compared[];
  readonly often: string;
}

export function summaryTable(results: AblationResults): string {
  const rows = rowsOf(results);
  const traces = [...new Set(rows.flatMap(({ compared }) => compared.map(({ trace }) => trace)))];
  return table(
    [
      'part',
      'lines + tests',
      'packages, MB',
      'processor time',
      'what it did',
      ...traces,
      'all: mean (range)',
    ],
    rows.map(({ part, cost, time, compared, often }) => [
      part,
      cost === undefined ? '' : `${cost.codeLines} + ${cost.testLines}`,
      cost === undefined ? '' : shown(cost.dependenciesMb, 0),
      ...[time, often],
      ...traces.map((trace) => bySeed(compared.filter((one) => one.trace === trace))),
      spread(compared.map(({ ratio }) => ratio)),
    ]),
  );
}

function rowsOf(results: AblationResults): Row[] {
  const cost = (part: string) => results.costs.find((known) => known.part === part);
  const failing = (what: string) => (failures as readonly string[]).includes(what);
  const nothing = (what: string) => what === 'nothing changed';
  const changed = (what: string) => !failing(what) && !nothing(what);
  const guarded = (guard: Guard, instead: Guard, what: (what: string) => boolean) => {
    const compared = guardsCompared(results, guard, instead, what);
    return {
      compared,
      often: `differed in ${compared.filter(({ ratio }) => ratio !== 1).length} of ${compared.length}`,
    };
  };
  const more = { cost: undefined, time: '' };
  return [
    ...costlyFamilies.map((part) => ({
      ...{ part: `${part}, in every search`, cost: cost(part), time: fitTime(results, part) },
      ...searchesCompared(results, part),
    })),
    {
      ...{ part: 'borrowed models', cost: cost('borrowed models'), time: judgedTime(results) },
      ...begunCompared(results),
    },
    {
      ...{ part: 'drift tests, if an alarm fits anew', cost: cost('drift tests'), time: testTime(results) },
      ...refitsCompared(results),
    },
    {
      part: 'trust, a failing model',
      cost: cost('trust'),
      time: 'a sum a tick',
      ...guarded('trust', 'neither', failing),
    },
    { part: 'trust, changed demand', ...more, ...guarded('trust', 'neither', changed) },
    { part: 'trust, nothing changed', ...more, ...guarded('trust', 'neither', nothing) },
    {
      ...{ part: 'rollback, a failing model', cost: cost('rollback'), time: 'a sum every 30 ticks' },
      ...guarded('rollback', 'neither', failing),
    },
    { part: 'rollback, changed demand', ...more, ...guarded('rollback', 'neither', changed) },
    { part: 'rollback, nothing changed', ...more, ...guarded('rollback', 'neither', nothing) },
    { part: 'rollback beside trust, a failing model', ...more, ...guarded('both', 'trust', failing) },
    { part: 'trust beside rollback, a failing model', ...more, ...guarded('both', 'rollback', failing) },
  ];
}

/** `0.94, 0.95`: geometric means, one a seed. */
function bySeed(compared: readonly Compared[]): string {
  return [...grouped(compared, ({ seed }) => `${seed}`).values()]
    .map((own) => shown(geometricMean(own.map(({ ratio }) => ratio))))
    .join(', ');
}

function fitTime({ families }: AblationResults, family: string): string {
  const of = (name: string) => {
    const own = families.filter((figures) => figures.family === name);
    return own.reduce((sum, { fitSeconds }) => sum + fitSeconds, 0) / Math.max(1, own.length);
  };
  return `a fit ${shown(of(family), 1)} s (boosted ${shown(of('boosted'), 1)} s)`;
}

/** Of searches that may try the family ÷ the same without it, on the days that follow. */
function searchesCompared({ searches }: AblationResults, family: string): Pick<Row, 'compared' | 'often'> {
  const compared: Compared[] = [];
  let days = 0;
  let chosen = 0;
  for (const own of grouped(searches, keyOfWhere).values()) {
    const without = own.find(({ costly }) => costly.length === 0);
    const tried = own.find(({ costly }) => costly.length === 1 && costly[0] === family);
    if (without === undefined || tried === undefined) continue;
    compared.push({ trace: tried.trace, seed: tried.seed, ratio: tried.waste / without.waste });
    days += tried.chosen.length;
    chosen += tried.chosen.filter((name) => name === family).length;
  }
  return { compared, often: `chosen on ${chosen} of ${days} days` };
}

function judgedTime({ begun }: AblationResults): string {
  const seconds = begun.reduce((sum, one) => sum + one.seconds, 0) / Math.max(1, begun.length);
  return `${shown(seconds, 1)} s in the first 240 bins`;
}

function begunCompared({ begun }: AblationResults): Pick<Row, 'compared' | 'often'> {
  const compared = begun.map(({ trace, seed, waste }) => ({
    trace,
    seed,
    ratio: waste.with / waste.without,
  }));
  const better = compared.filter(({ ratio }) => ratio < 1).length;
  const worse = compared.filter(({ ratio }) => ratio > 1).length;
  return { compared, often: `better in ${better}, worse in ${worse} of ${compared.length} beginnings` };
}

function testTime({ drift }: AblationResults): string {
  const all = drift.filter(({ variant }) => variant === 'all tests');
  return `${shown(all.reduce((sum, { msPerBin }) => sum + msPerBin, 0) / Math.max(1, all.length), 3)} ms a bin`;
}

/** Of fitting anew at every alarm ÷ daily refits alone, after the change. */
function refitsCompared({ refits }: AblationResults): Pick<Row, 'compared' | 'often'> {
  const alarmed = refits.filter(({ refits: bins }) => bins.length > 0);
  return {
    compared: alarmed.map(({ trace, seed, waste }) => ({ trace, seed, ratio: waste.with / waste.without })),
    often: `alarmed after ${alarmed.length} of ${refits.length} changes`,
  };
}

function guardsCompared(
  { guards }: AblationResults,
  guard: Guard,
  instead: Guard,
  wanted: (what: string) => boolean,
): Compared[] {
  // Each case has one entry a guard, in order.
  return Array.from({ length: guards.length / allGuards.length }, (_, at) =>
    guards.slice(at * allGuards.length, (at + 1) * allGuards.length),
  ).flatMap((own) => {
    const [one, other] = [guard, instead].map((name) => own.find((figures) => figures.guard === name)!);
    const { trace, seed, what, waste } = one!;
    return wanted(what) ? [{ trace, seed, ratio: waste / other!.waste }] : [];
  });
}

export const keyOfWhere = ({ trace, seed }: Where) => `${trace} ${seed}`;

/** `5 of 8`: alarms within `within` bins of the change. */
export function foundIn(figures: readonly DriftFigures[], what: string, within: number): string {
  const all = figures.flatMap(({ found }) => found.filter((finding) => finding.what === what));
  const hits = all.filter(({ afterBins }) => afterBins !== null && afterBins <= within);
  return `${hits.length} of ${all.length}`;
}
