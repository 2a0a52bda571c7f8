/** `bin/pam` and the Temporal CLI as a user runs them, against an installation of its own in a temporary folder. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OwnInstallation {
  readonly stateDir: string;
  /** Runs a line of shell in the checkout, with `pam env` in force once the installation is up. */
  shell(line: string, timeoutMs?: number): Promise<Ran>;
  up(): Promise<void>;
  /** Stops everything and deletes the folder. */
  remove(): Promise<void>;
}

/** Not the servers of the test run: everything embedded, as after `git clone`. */
const servers = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'DATABASE_URL', 'ENVOY_ADMIN_URL'];

/** `more`: environment of its commands and workers, such as `PAM_CONFIG`. */
export function ownInstallation(more: NodeJS.ProcessEnv = {}): OwnInstallation {
  const stateDir = mkdtempSync(join(tmpdir(), 'pam-e2e-'));
  // PostgreSQL runs as another user and must reach its data.
  chmodSync(stateDir, 0o755);
  const env: NodeJS.ProcessEnv = { ...process.env, ...more, PAM_STATE: stateDir };
  for (const name of servers) delete env[name];
  let ready = false;

  const shell = (line: string, timeoutMs = 60_000): Promise<Ran> =>
    new Promise((resolve) => {
      const script = ready ? `eval "$(bin/pam env)" && ${line}` : line;
      execFile(
        'bash',
        ['-c', script],
        { cwd: root, env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      );
    });

  return {
    stateDir,
    shell,
    up: async () => {
      const { code, stderr } = await shell('bin/pam up', 120_000);
      if (code !== 0) throw new Error(`pam up ended with ${code}:\n${stderr}`);
      ready = true;
    },
    remove: async () => {
      ready = false;
      const { code, stderr } = await shell('bin/pam down --purge');
      rmSync(stateDir, { recursive: true, force: true });
      if (code !== 0) throw new Error(`pam down ended with ${code}:\n${stderr}`);
    },
  };
}
