/**
 * PAM's automatic choice against Prophet and statsforecast, on the same origins in the same run: a day ahead on real
 * traces, 48 hours ahead on M4 hourly.
 * node -r ./test/support/compileTypeScript.js bench/forecasts/run.ts [--fast] [--traces FOLDER] [--m4 FOLDER] [--raw FOLDER]
 * `--raw` keeps what the rivals answered and goes on from there after a run that was cut short.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dayAheadPath } from '../../core/forecasting/families/dayAhead/dayAhead';
import { messageOf } from '../../core/thrown';
import { writeFragment } from '../fragment';
import { competitionFigures, groupFigures, type Path } from './figures';
import { m4Origins, type Origin, traceOrigins } from './origins';
import { rivalPython, runRivals } from './pythonModels';
import { forecastsFragment, ours, type Results } from './report';

const stock = ['SeasonalNaive-day', 'SeasonalNaive-week', 'AutoETS', 'AutoTheta', 'MSTL', 'Prophet'] as const;
/** What a user who knows that demand is multiplicative would try. */
const onLogs = ['MSTL-log', 'Prophet-log'] as const;
const processes = 2;

const report = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fast: { type: 'boolean', default: false },
      traces: { type: 'string', default: process.env.PAM_TRACES ?? '' },
      m4: { type: 'string' },
      raw: { type: 'string' },
    },
  });
  const { fast, traces } = values;
  if (!existsSync(traces))
    throw new Error('the folder of the traces is expected in PAM_TRACES or after --traces');
  const m4 = values.m4 ?? join(traces, '..', 'benchmarks', 'm4_hourly');
  if (values.raw !== undefined) mkdirSync(values.raw, { recursive: true });
  const python = rivalPython(process.env, report);
  const days = await traceOrigins(traces, fast);
  const competition = m4Origins(m4, fast);
  const own: Path[] = [];
  for (const origin of [...days, ...competition]) own.push(await forecastOf(origin));
  report(`PAM: ${own.length} forecasts`);
  const rivals = await runRivals(
    python,
    [...days, ...competition],
    ({ group }) => (group === 'm4' ? stock : [...stock, ...onLogs]),
    processes,
    values.raw === undefined ? null : join(values.raw, fast ? 'rivals-fast.jsonl' : 'rivals.jsonl'),
    report,
  );
  const pathsOf = (models: readonly string[]) =>
    new Map<string, readonly Path[]>([
      [ours, own],
      ...models.map((model) => [model, rivals.filter((path) => path.model === model)] as const),
    ]);
  const groups = [...new Set(days.map(({ group }) => group))].map((group) =>
    groupFigures(
      group,
      days.filter((origin) => origin.group === group),
      pathsOf([...stock, ...onLogs]),
    ),
  );
  const results: Results = {
    groups,
    competition: competition.length === 0 ? null : competitionFigures(competition, pathsOf(stock)),
    versions: versions(),
  };
  const folder = fast ? join(__dirname, '../../dist/bench/results') : join(__dirname, '../results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'forecasts.json'), `${JSON.stringify(results, null, 1)}\n`);
  const command = `node -r ./test/support/compileTypeScript.js bench/forecasts/run.ts${fast ? ' --fast' : ''}`;
  const fragment = forecastsFragment(results, [command], fast);
  writeFragment(fragment);
  for (const { figure, bar, measured } of fragment.bars) report(`${figure}: ${measured} (${bar})`);
}

async function forecastOf({ id, history, actual }: Origin): Promise<Path> {
  // A view would be as good; a copy shows that nothing else can be seen.
  const known = { ...history, counts: history.counts.slice() };
  const before = process.cpuUsage();
  const path = await dayAheadPath(known, actual.length);
  const { user, system } = process.cpuUsage(before);
  return { id, model: ours, path, seconds: (user + system) / 1e6 };
}

function versions(): string[] {
  return readFileSync(join(__dirname, 'requirements.txt'), 'utf8')
    .split('\n')
    .filter((line) => /^(prophet|statsforecast)==/.test(line))
    .map((line) => line.replace('==', ' '));
}

main().catch((error: unknown) => {
  report(messageOf(error));
  process.exitCode = 1;
});
