/** Addresses and a state folder in, an allocation worker out: the compiled one, as it runs in production. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './nodeStage';

const root = join(__dirname, '..', '..');
const script = join(root, 'dist', 'workers', 'allocation.js');

export interface WorkerPlace {
  readonly databaseUrl: string;
  readonly adminUrl: string;
  readonly taskQueue: string;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly stateDir: string;
  readonly child: ChildProcess;
  /** Everything that it has logged. */
  log(): string;
  /** SIGTERM, then its exit code. */
  stop(): Promise<number | null>;
  /** The signal, then its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Resolves when it does its work. Nothing of the test's own installation but the tools is passed on. */
export async function startAllocationWorker(place: WorkerPlace, stateDir: string): Promise<WorkerProcess> {
  if (!existsSync(script)) throw new Error(`${script} is not there: run "make build" first`);
  mkdirSync(stateDir, { recursive: true });
  const logFile = join(stateDir, 'allocation.log');
  const before = existsSync(logFile) ? readFileSync(logFile, 'utf8').length : 0;
  const output = openSync(logFile, 'a');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PAM_STATE: stateDir,
    PAM_TASK_QUEUE: place.taskQueue,
    DATABASE_URL: place.databaseUrl,
    ENVOY_ADMIN_URL: place.adminUrl,
    PAM_LOG_LEVEL: 'info',
  };
  delete env.PULUMI_BACKEND_URL;
  delete env.PAM_CONFIG;
  const child = spawn(process.execPath, ['--enable-source-maps', script], {
    cwd: stateDir,
    env,
    stdio: ['ignore', output, output],
  });
  const log = (): string => readFileSync(logFile, 'utf8');
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (ended()) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  try {
    await until(
      `the worker in ${stateDir} is ready`,
      () => {
        if (ended()) throw new Error(`the worker ended while it started:\n${log().slice(-3_000)}`);
        return log().slice(before).includes('"msg":"ready"');
      },
      90_000,
    );
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return {
    pid: child.pid ?? 0,
    stateDir,
    child,
    log,
    stop: async () => {
      await end('SIGTERM');
      return child.exitCode;
    },
    kill: end,
  };
}
