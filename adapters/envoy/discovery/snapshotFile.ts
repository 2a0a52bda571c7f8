/**
 * What was served last ↔ a file, from which discovery starts while the database is gone. A file that is not whole is put
 * aside: the database is the source then.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '../../../core/thrown';
import type { RoutedPool } from '../../../ports/stores/routing/routingStore';
import { replaceFile } from '../../files/replaceFile';

export interface Snapshot {
  readonly epoch: string;
  readonly version: number;
  readonly pools: readonly RoutedPool[];
}

const content = z.object({
  epoch: z.string(),
  version: z.number(),
  pools: z.array(
    z.object({
      pool: z.string(),
      version: z.number(),
      /** Parsed where it is used: a rule that is none costs its category only. */
      match: z.unknown(),
      endpoints: z.array(
        z.object({ id: z.string(), host: z.string(), port: z.number(), healthPath: z.string() }),
      ),
    }),
  ),
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The first line is the checksum of the rest. */
export function writeSnapshot(file: string, snapshot: Snapshot): void {
  const text = JSON.stringify(snapshot);
  replaceFile(file, `${digest(text)}\n${text}\n`, { mode: 0o600 });
}

/** null without a usable one; a broken one is renamed, and `onBroken` is called with where it went and what is wrong. */
export function readSnapshot(
  file: string,
  onBroken: (aside: string, reason: string) => void,
): Snapshot | null {
  if (!existsSync(file)) return null;
  try {
    const [sum, text = ''] = readFileSync(file, 'utf8').split('\n');
    if (sum !== digest(text)) throw new Error('its checksum is not that of its content');
    return content.parse(JSON.parse(text)) as Snapshot;
  } catch (error) {
    const aside = `${file}.broken`;
    renameSync(file, aside);
    onBroken(aside, messageOf(error));
    return null;
  }
}
