/** An executable enters, the version that it tells leaves; and which of two versions is older. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';

/** True for an existing file that this user may execute. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first version number in what the executable prints, e.g. `1.9.1`; null when it prints none or fails within 15 s. */
export function toolVersion(path: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const quiet = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' };
    execFile(path, [...args], { timeout: 15_000, env: quiet }, (error, stdout, stderr) => {
      const found = /\d{1,9}\.\d{1,9}(\.\d{1,9})?/.exec(`${stdout}\n${stderr}`);
      resolve(error === null && found !== null ? found[0] : null);
    });
  });
}

/** True when `version` comes before `oldest`, both as dotted numbers. */
export function isOlder(version: string, oldest: string): boolean {
  const [left, right] = [version.split('.').map(Number), oldest.split('.').map(Number)];
  for (let part = 0; part < Math.max(left.length, right.length); part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
