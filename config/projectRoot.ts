/** Finds the checkout folder, from sources (Jest) or from `dist/`. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Absolute path of the folder with PAM's `package.json`. */
export function projectRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'bin', 'pam'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json of PAM above ${__dirname}`);
  }
}

/** The version in `package.json`, such as `0.1.0`. */
export function projectVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed
    ? String(parsed.version)
    : '0.0.0';
}
