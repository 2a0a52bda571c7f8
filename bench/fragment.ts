/**
 * What one benchmark found → `bench/results/NAME.md`, its bars in a comment on the first line; all fragments →
 * `bench/RESULTS.md`. A benchmark that ran alone leaves the others' figures as they were. What is found on a subset
 * goes to `dist/bench/` instead, so that it never takes the place of a full run.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** A figure that an issue asks for, with what was measured. */
export interface Bar {
  readonly figure: string;
  /** As people write it, such as "≤ 0.50". */
  readonly bar: string;
  readonly beyond: string | null;
  /** As people read it; several numbers where the bar is about several. */
  readonly measured: string;
  readonly met: boolean;
  readonly beyondMet: boolean | null;
}

export interface Fragment {
  readonly name: string;
  readonly title: string;
  /** What to type to have it again. */
  readonly commands: readonly string[];
  readonly bars: readonly Bar[];
  /** Only a subset was run: the figures say nothing about the bars. */
  readonly fast: boolean;
  /** Tables and notes in Markdown, headings from the third level on. */
  readonly text: string;
}

interface Stamp {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
}

/** Where fragments are, and what they are put together to. */
function places(fast: boolean): { fragments: string; whole: string } {
  const base = fast ? join(__dirname, '../dist/bench') : __dirname;
  return { fragments: join(base, 'results'), whole: join(base, 'RESULTS.md') };
}

/** A bar of at most `limit`, `beyond` likewise. */
export function atMost(
  figure: string,
  measured: number,
  limit: number,
  beyond: number | null,
  unit = '',
): Bar {
  const shown = (value: number) => `≤ ${value}${unit}`;
  return {
    figure,
    bar: shown(limit),
    beyond: beyond === null ? null : shown(beyond),
    measured: `${Number.isNaN(measured) ? 'not reached' : Number(measured.toPrecision(3))}${unit}`,
    met: measured <= limit,
    beyondMet: beyond === null ? null : measured <= beyond,
  };
}

export function writeFragment(fragment: Fragment): void {
  const { bars, text, ...rest } = fragment;
  const head = JSON.stringify({ ...rest, ...stamp(), bars });
  const { fragments } = places(fragment.fast);
  mkdirSync(fragments, { recursive: true });
  writeFileSync(
    join(fragments, `${fragment.name}.md`),
    `<!-- ${head.replaceAll('-->', '')} -->\n${text.trim()}\n`,
  );
}

/** Puts all fragments there are together; the path of what was written. */
export function assemble(fast: boolean): string {
  const { fragments: folder, whole } = places(fast);
  const fragments = readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => readFragment(readFileSync(join(folder, file), 'utf8'), file));
  const bars = fragments.flatMap((fragment) => fragment.bars.map((bar) => ({ ...bar, fast: fragment.fast })));
  const text = [
    '# Benchmark results',
    'Written by `make bench`; every figure is computed by the commands below, in the same run as those of its rivals.',
    ...(bars.length > 0 ? ['## The bars', barTable(bars)] : []),
    ...fragments.map(section),
  ].join('\n\n');
  writeFileSync(whole, `${text}\n`);
  return whole;
}

type Read = Omit<Fragment, 'name'> & Partial<Stamp>;

function readFragment(content: string, file: string): Read {
  const [, head, text] = /^<!-- (\{.*\}) -->\n([\s\S]*)$/.exec(content) ?? [];
  const empty = { title: file.replace(/\.md$/, ''), commands: [], bars: [], fast: false };
  return head === undefined
    ? { ...empty, text: content }
    : { ...empty, ...JSON.parse(head), text: text ?? '' };
}

function barTable(bars: readonly (Bar & { readonly fast: boolean })[]): string {
  const said = (met: boolean | null) => (met === null ? '' : met ? 'yes' : '**no**');
  return [
    '| figure | bar | beyond | measured | bar met | beyond met |',
    '| --- | --- | --- | --- | --- | --- |',
    ...bars.map(
      (bar) =>
        `| ${bar.figure} | ${bar.bar} | ${bar.beyond ?? ''} | ${bar.measured}${bar.fast ? ' (subset)' : ''} | ${said(bar.met)} | ${said(bar.beyondMet)} |`,
    ),
  ].join('\n');
}

function section({ title, text, commands, date, commit, machine, fast }: Read): string {
  const stamped =
    date === undefined ? [] : [`${date}, commit ${commit}, ${machine}${fast ? '; a subset only' : ''}.`];
  const typed = commands.length === 0 ? [] : [['```sh', ...commands, '```'].join('\n')];
  return [`## ${title}`, ...stamped, ...typed, text.trim()].join('\n\n');
}

function stamp(): Stamp {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: __dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  let commit = 'unknown';
  try {
    commit = git('rev-parse', '--short', 'HEAD');
    if (git('status', '--porcelain', '--', '../core', '../simulation', '../bench/allocation') !== '')
      commit += ' with changes';
  } catch {
    // An unpacked archive has no history.
  }
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return {
    date: new Date().toISOString().slice(0, 10),
    commit,
    machine: `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`,
  };
}
