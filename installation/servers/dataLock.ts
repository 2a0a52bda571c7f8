/**
 * A command and the path of a lock → the command under that lock, which the kernel keeps exactly as long as the server
 * runs: no second server on one data folder, whoever starts it, and no stale lock after a `kill -9`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../core/errors';
import { holdersOf } from './processTable';

/** The same process runs the command afterwards (`--no-fork`); without util-linux, as it was given. */
export function lockedCommand(lock: string, command: readonly string[]): readonly string[] {
  if (!canLock()) return command;
  mkdirSync(dirname(lock), { recursive: true });
  return ['flock', '--nonblock', '--no-fork', '--conflict-exit-code', '75', lock, ...command];
}

let known: boolean | undefined;

function canLock(): boolean {
  if (known === undefined)
    try {
      known = execFileSync('flock', ['--help'], { encoding: 'utf8' }).includes('--no-fork');
    } catch {
      known = false;
    }
  return known;
}

/**
 * Throws PamError CONFLICT if a process has these data open: two servers would destroy them.
 * @param patienceMs by then what a killed server has left, its own children, is gone.
 */
export async function requireUnused(data: string, what: string, patienceMs = 500): Promise<void> {
  let [holder] = holdersOf(data);
  for (const end = Date.now() + patienceMs; holder !== undefined && Date.now() < end; await sleep(100))
    [holder] = holdersOf(data);
  if (holder === undefined) return;
  throw new PamError(
    'CONFLICT',
    `${data} is in use by process ${holder.pid} (${holder.command.slice(0, 120)}), so no second ${what} is started on it: end that process, or run "pam down" in the installation that started it`,
  );
}
