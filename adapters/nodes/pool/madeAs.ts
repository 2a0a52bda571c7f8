/** What a node is made from → a digest: nodes of the same digest are alike. The order of keys does not matter. */
import { createHash } from 'node:crypto';
import type { NodeOrder } from '../../../ports/nodeOrder';

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, ordered(inner)]),
  );
}

export function madeAs({ template, settings }: Pick<NodeOrder, 'template' | 'settings'>): string {
  return createHash('sha256')
    .update(JSON.stringify(ordered({ template, settings })))
    .digest('hex')
    .slice(0, 16);
}
