/**
 * PAM against every rival on the scorecard's windows, at leads of 5, 10 and 15 minutes, in two processes.
 * node --expose-gc -r ./test/support/compileTypeScript.js bench/allocation/run.ts [--fast] [--traces FOLDER] [--raw FOLDER]
 * `--raw` keeps what each window gave and goes on from there after a run that was cut short. `--window NAME,…`, `--lead
 * MINUTES,…` and `--family NAME` measure a part, or another family of models, and print it instead of writing it down.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { replaceFile } from '../../adapters/files/replaceFile';
import { fittingFamily } from '../../adapters/trainer/fittingFamilies';
import { type EvaluatedWindow, evaluatedWindows, fastWindows } from '../evaluatedTraces';
import { writeFragment } from '../fragment';
import { measureTrace, type TraceResult } from './measureTrace';
import { type ModelCost, modelCost } from './modelCost';
import { allocationFragment } from './report';

const leads: readonly number[] = [5, 10, 15];
const processes = 2;

interface Job {
  readonly window: EvaluatedWindow;
  readonly leadMinutes: number;
}

const nameOf = ({ window, leadMinutes }: Job) => `${window.name.replaceAll(' ', '-')}-${leadMinutes}.json`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fast: { type: 'boolean', default: false },
      traces: { type: 'string', default: process.env.PAM_TRACES ?? '' },
      raw: { type: 'string' },
      only: { type: 'string' },
      window: { type: 'string' },
      lead: { type: 'string' },
      family: { type: 'string' },
    },
  });
  const { fast, traces } = values;
  if (!existsSync(traces))
    throw new Error('the folder of the traces is expected in PAM_TRACES or after --traces');
  const partly = values.window !== undefined || values.lead !== undefined || values.family !== undefined;
  const names = values.window?.split(',');
  const windows = (fast ? fastWindows : evaluatedWindows).filter(({ name }) => names?.includes(name) ?? true);
  const minutes = values.lead?.split(',').map(Number) ?? (fast ? leads.slice(0, 1) : leads);
  const jobs = minutes.flatMap((leadMinutes) => windows.map((window): Job => ({ window, leadMinutes })));
  if (jobs.length === 0)
    throw new Error(`the windows are ${evaluatedWindows.map(({ name }) => name).join(', ')}`);
  if (values.only !== undefined) {
    const job = jobs.find((candidate) => nameOf(candidate) === values.only)!;
    write(values.raw!, values.only, await measure(job, traces, minutes[0]!, values.family));
    return;
  }
  const raw = values.raw === undefined ? mkdtempSync(join(tmpdir(), 'pam-bench-')) : resolve(values.raw);
  mkdirSync(raw, { recursive: true });
  // Alone, before the others take the processor.
  const cost = partly
    ? null
    : await known(raw, 'model-cost.json', () => modelCost(traces, globalThis.gc ?? (() => {})));
  const waiting = jobs.filter((job) => !existsSync(join(raw, nameOf(job))));
  await Promise.all(
    Array.from({ length: processes }, async () => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift())
        await inProcess(['--only', nameOf(job), ...process.argv.slice(2), '--raw', raw, '--traces', traces]);
    }),
  );
  const results = jobs.map((job): TraceResult => read(raw, nameOf(job)));
  const fragment = allocationFragment(results, cost, fast);
  if (partly) process.stdout.write(`${fragment.text}\n`);
  else writeFragment(fragment);
}

function measure(
  { window, leadMinutes }: Job,
  folder: string,
  shortestLead: number,
  familyName: string | undefined,
): Promise<TraceResult> {
  const family = familyName === undefined ? {} : { family: fittingFamily(familyName) };
  const withHorizons = leadMinutes === shortestLead;
  return measureTrace({
    ...{ folder, window, leadMinutes, withHorizons, ...family },
    now: () => performance.now(),
  });
}

/** Ends when the process does; its failure is this one's. */
function inProcess(args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const began = performance.now();
    fork(__filename, args, { execArgv: process.execArgv }).on('exit', (code) => {
      if (code !== 0) return fail(new Error(`${args[1]}: exit ${code}`));
      process.stderr.write(`${args[1]}: ${((performance.now() - began) / 1_000).toFixed(0)} s\n`);
      done();
    });
  });
}

async function known(raw: string, file: string, make: () => Promise<ModelCost>): Promise<ModelCost> {
  if (!existsSync(join(raw, file))) write(raw, file, await make());
  return read(raw, file);
}

/** Never half a file, however the run ends. */
function write(folder: string, file: string, content: unknown): void {
  replaceFile(join(folder, file), JSON.stringify(content));
}

const read = <Content>(folder: string, file: string): Content =>
  JSON.parse(readFileSync(join(folder, file), 'utf8'));

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exitCode = 1;
});
