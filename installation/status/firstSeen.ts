/**
 * Which parts are in which trouble now → since when each is, as far as anybody has looked. Kept in a file for people only: a
 * damaged one means that the trouble counts from this look.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../adapters/files/replaceFile';

const shape = z.record(z.string(), z.object({ state: z.string(), sinceMs: z.number() }));

/** `troubles`: part → its state. */
export function firstSeen(
  stateDir: string,
  troubles: Readonly<Record<string, string>>,
  nowMs: number,
): Readonly<Record<string, number>> {
  const file = join(stateDir, 'troubles.json');
  const known = read(file);
  const next = Object.fromEntries(
    Object.entries(troubles).map(([name, state]) => {
      const before = known[name];
      return [name, before?.state === state ? before : { state, sinceMs: nowMs }];
    }),
  );
  if (JSON.stringify(next) !== JSON.stringify(known))
    try {
      replaceFile(file, JSON.stringify(next), { mode: 0o600 });
    } catch {
      // A full disk or a folder of someone else's must not keep the status from being shown.
    }
  return Object.fromEntries(Object.entries(next).map(([name, { sinceMs }]) => [name, sinceMs]));
}

function read(file: string): z.output<typeof shape> {
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}
