/** A script of ours → its process, once its log says that it is ready. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { PamError } from '../../core/errors';
import { type ProcessRecord, startProcess, waitUntilReady } from './process';

export interface ScriptOrder {
  readonly name: string;
  readonly script: string;
  readonly log: string;
  readonly env: NodeJS.ProcessEnv;
  /** Called as soon as it exists. */
  readonly started: (record: ProcessRecord) => void;
  readonly readyWithinMs: number;
  readonly signal?: AbortSignal;
}

export async function startScript(order: ScriptOrder): Promise<ProcessRecord> {
  const { name, script, log, env, started, readyWithinMs, signal } = order;
  if (!existsSync(script))
    throw new PamError('NOT_FOUND', `${script} does not exist: run "make build" first`);
  const before = existsSync(log) ? statSync(log).size : 0;
  const record = await startProcess({
    name,
    command: process.execPath,
    args: ['--enable-source-maps', script],
    log,
    env,
  });
  started(record);
  await waitUntilReady(record, async () => saysReady(log, before), readyWithinMs, signal);
  return record;
}

/** Whether a line of the log after `offset` bytes is a JSON object with `msg: ready`. */
function saysReady(log: string, offset: number): boolean {
  const lines = readFileSync(log).subarray(offset).toString().split('\n');
  return lines.some((line) => {
    if (!line.startsWith('{')) return false;
    try {
      const entry: unknown = JSON.parse(line);
      return typeof entry === 'object' && entry !== null && 'msg' in entry && entry.msg === 'ready';
    } catch {
      return false;
    }
  });
}
