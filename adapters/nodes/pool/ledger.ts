/**
 * What the last update of a category's stack was about, on disk: `updating` from before the update until it has
 * succeeded, then `applied` with what is there. So an interrupted update is noticed by whoever comes next, and a
 * reconcile that has nothing to do needs no Pulumi command to know it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { RoutingRule } from '../../../core/routing/rule';
import { routingMatch } from '../../../core/routing/rule';

const ledgerShape = z.object({
  phase: z.enum(['updating', 'applied']),
  nodes: z.array(z.string()),
  rule: z.object({ category: z.string(), match: routingMatch }).nullable(),
});

export interface LedgerEntry {
  readonly phase: 'updating' | 'applied';
  /** Ids of the nodes in the stack. */
  readonly nodes: readonly string[];
  readonly rule: RoutingRule | null;
}

export const ledgerPath = (stateDir: string, category: string): string =>
  join(resolve(stateDir), 'pulumi', 'ledger', `${category}.json`);

export function writeLedger(stateDir: string, category: string, entry: LedgerEntry): void {
  const path = ledgerPath(stateDir, category);
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(entry)}\n`);
  renameSync(draft, path);
}

/** null when the category has none yet; an unreadable one counts as an interrupted update. */
export function readLedger(stateDir: string, category: string): LedgerEntry | null {
  const path = ledgerPath(stateDir, category);
  if (!existsSync(path)) return null;
  try {
    return ledgerShape.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return { phase: 'updating', nodes: [], rule: null };
  }
}

export function removeLedger(stateDir: string, category: string): void {
  rmSync(ledgerPath(stateDir, category), { force: true });
}
