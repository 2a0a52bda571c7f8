/** A secret and places where something may have been written → where it stands, plain or in base64. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The secret, and what is left of it in base64 wherever it begins: Temporal's JSON encodes payloads that way. */
function needles(secret: string): string[] {
  const aligned = [0, 1, 2].map((before) => {
    const text = Buffer.from(`${'x'.repeat(before)}${secret}`).toString('base64');
    // The first and last letters also depend on what stands around it.
    return text.slice(before === 0 ? 0 : before + 1, -4);
  });
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex'), ...aligned];
}

export const has = (text: string | Buffer, secret: string): boolean =>
  needles(secret).some((needle) => text.includes(needle));

/** Every file below the folder, links not followed; what is gone meanwhile is left out. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files below the folder that have the secret. */
export function filesWith(folder: string, secret: string): string[] {
  return filesBelow(folder).filter((file) => {
    try {
      return statSync(file).size > 0 && has(readFileSync(file), secret);
    } catch {
      return false;
    }
  });
}

/** Processes of this machine whose arguments have the secret. */
export function argumentsWith(secret: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return has(readFileSync(`/proc/${pid}/cmdline`), secret);
      } catch {
        return false;
      }
    });
}
