/**
 * The machinery that must earn its keep, each part with and without, on few days of the traces of `make bench`, one process.
 * node -r ./test/support/compileTypeScript.js bench/ablation/run.ts [--fast] [--traces FOLDER] [--raw FOLDER]
 *   [--seeds 1,2] [--minutes N]
 * `--raw` keeps what was measured and goes on from there after a run that was cut short; after `--minutes` nothing new is
 * begun, and what is there is written down.
 */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFragment } from '../fragment';
import { partCosts } from './costs';
import { Kept } from './kept';
import { measureAblation } from './measure';
import { ablationText } from './report';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fast: { type: 'boolean', default: false },
      traces: { type: 'string', default: process.env.PAM_TRACES ?? '' },
      raw: { type: 'string' },
      seeds: { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  const { fast, traces } = values;
  if (!existsSync(traces))
    throw new Error('the folder of the traces is expected in PAM_TRACES or after --traces');
  const seeds = (values.seeds ?? (fast ? '1' : '1,2')).split(',').map(Number);
  const endMs = performance.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const raw = values.raw === undefined ? mkdtempSync(join(tmpdir(), 'pam-ablation-')) : resolve(values.raw);
  const results = {
    costs: partCosts(),
    ...(await measureAblation({
      ...{ folder: traces, kept: new Kept(raw), seeds, fast },
      goesOn: () => performance.now() < endMs,
    })),
  };
  const folder = join(__dirname, fast ? '../../dist/bench/results' : '../results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'parts-left-out.json'), `${JSON.stringify(results)}\n`);
  const text = ablationText(results);
  const command = `nice -n 15 node -r ./test/support/compileTypeScript.js bench/ablation/run.ts${fast ? ' --fast' : ''}`;
  writeFragment({
    name: 'parts-left-out',
    title: 'Parts left out',
    commands: [command],
    bars: [],
    fast,
    text,
  });
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exitCode = 1;
});
