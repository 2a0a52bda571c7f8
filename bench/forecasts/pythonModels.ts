/** Origins → the rivals' paths and times, by Python in an environment of its own, kept in the cache for later runs. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PamError } from '../../core/errors';
import { fillGaps } from '../../core/forecasting/features/evenLogs';
import { toolCache } from '../../installation/tools/toolPlaces';
import type { Origin } from './origins';

export interface RivalPath {
  readonly id: string;
  readonly model: string;
  /** Null where it failed. */
  readonly path: readonly number[] | null;
  readonly failure: string | null;
  /** Of the processor. */
  readonly seconds: number;
}

const requirements = join(__dirname, 'requirements.txt');

/** The interpreter of the environment; makes it where it is missing. Throws PamError TOOL_MISSING or UNAVAILABLE. */
export function rivalPython(env: NodeJS.ProcessEnv, report: (line: string) => void): string {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(toolCache(env), `forecast-rivals-${digest}`);
  const python = join(folder, 'bin', 'python');
  const ready = join(folder, 'ready');
  if (existsSync(ready)) return python;
  const base = env.PAM_PYTHON ?? 'python3';
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  report(`installing prophet and statsforecast into ${folder}`);
  try {
    execFileSync(base, ['-m', 'venv', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    throw new PamError(
      'TOOL_MISSING',
      `${base} -m venv failed: Python 3.11 with venv and pip is needed, on PATH or in PAM_PYTHON (${error instanceof Error ? error.message : error})`,
    );
  }
  try {
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (error) {
    throw new PamError(
      'UNAVAILABLE',
      `pip could not install bench/forecasts/requirements.txt: ${error instanceof Error ? error.message : error}`,
    );
  }
  writeFileSync(ready, '');
  return python;
}

/** What the rivals have answered in a run that was cut short; appended to as they go on. */
function answersIn(file: string | null): RivalPath[] {
  if (file === null || !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // The last line may be cut.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as RivalPath);
}

/** Asks every rival in `models` about every origin, in `processes` processes; `file` keeps answers for a next run. */
export async function runRivals(
  python: string,
  origins: readonly Origin[],
  models: (origin: Origin) => readonly string[],
  processes: number,
  file: string | null,
  report: (line: string) => void,
): Promise<RivalPath[]> {
  const results = answersIn(file);
  const answered = new Set(results.map(({ id, model }) => `${model} ${id}`));
  const open = (origin: Origin) => models(origin).filter((model) => !answered.has(`${model} ${origin.id}`));
  const waiting = origins.filter((origin) => open(origin).length > 0);
  const asked = origins.reduce((sum, origin) => sum + models(origin).length, 0);
  await Promise.all(
    Array.from({ length: processes }, async (_, which) => {
      const child = spawn(python, [join(__dirname, 'rivals.py')], {
        stdio: ['pipe', 'pipe', 'ignore'],
        // Each rival on one core, so that its time is comparable.
        env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', NIXTLA_ID_AS_COL: '1' },
      });
      const ended = new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      child.stdin.on('error', () => {});
      for (const origin of waiting.filter((_, index) => index % processes === which))
        child.stdin.write(`${JSON.stringify(jobOf(origin, open(origin)))}\n`);
      child.stdin.end();
      for await (const line of createInterface({ input: child.stdout })) {
        const { path = null, failure = null, ...rest } = JSON.parse(line) as RivalPath;
        results.push({ ...rest, path, failure });
        if (file !== null) appendFileSync(file, `${JSON.stringify({ ...rest, path, failure })}\n`);
        if (results.length % 200 === 0) report(`rivals: ${results.length} of ${asked} forecasts`);
      }
      const code = await ended;
      if (code !== 0) throw new PamError('UNAVAILABLE', `the rivals' Python ended with code ${code}`);
    }),
  );
  return results;
}

/** Rivals get no gaps: the usual count of the hour, moved by how its neighbours are off theirs. */
function jobOf({ id, history, actual }: Origin, models: readonly string[]) {
  const { clock, counts, startMs } = history;
  const period = Math.round(clock.dayMs / clock.binMs);
  const logs = counts.map((count) => Math.log1p(count));
  fillGaps(logs, period);
  return {
    id,
    period,
    week: counts.length >= 14 * period ? 7 * period : 0,
    start: new Date(startMs).toISOString().slice(0, 19),
    values: Array.from(counts, (count, index) => (Number.isNaN(count) ? Math.expm1(logs[index]!) : count)),
    ahead: actual.length,
    models,
  };
}
