/** A command enters, its success leaves; meanwhile every line it prints can be watched. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { hasCode } from './errorCode';

export interface StepResult {
  /** Exit code; null when it could not be started or was killed. */
  readonly code: number | null;
  /** The last lines of both streams, for a message about a failure. */
  readonly tail: string;
}

export interface StepOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onLine?: (line: string) => void;
  /** Another user to run as; only root may ask for it. */
  readonly identity?: { readonly uid: number; readonly gid: number } | null;
}

/** Runs a command to its end, without a shell. Never throws: a missing executable is `code: null`. */
export function runStep(
  command: string,
  args: readonly string[],
  options: StepOptions = {},
): Promise<StepResult> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.identity ? { uid: options.identity.uid, gid: options.identity.gid } : {}),
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > 15) lines.shift();
        options.onLine?.(line);
      });
    child.on('error', (error) =>
      resolve({
        code: null,
        tail: hasCode(error, 'ENOENT') ? `there is no ${command} on PATH` : error.message,
      }),
    );
    child.on('close', (code) => resolve({ code, tail: lines.join('\n') }));
  });
}
