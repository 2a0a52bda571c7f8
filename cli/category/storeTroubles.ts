/** The database → what it knows to be wrong with categories beside what these say themselves: rules that the proxy refused. */
import type { Database } from '../../adapters/postgres';
import { lasting } from '../text/time';
import type { Trouble } from './troubles';

/** A list without the database's part is better than none. */
export async function storeTroubles(
  database: Pick<Database, 'routes'> | null,
): Promise<(category: string) => readonly Trouble[]> {
  const status = await database?.routes.status().catch(() => null);
  const found = new Map<string, Trouble[]>();
  for (const { pool, refused } of status?.pools ?? [])
    if (refused !== null)
      found.set(pool, [
        {
          kind: 'route refused',
          text: `the proxy refuses what is declared for it and goes on with what it took before: ${refused.reason}`,
        },
      ]);
  const silent = status?.discoveries.length && !status.discoveries.some(({ live }) => live);
  const lastMs = Math.max(...(status?.discoveries.map(({ seenMs }) => seenMs) ?? []));
  const away: Trouble[] = silent
    ? [
        {
          kind: 'no discovery',
          text: `no discovery process was seen for ${lasting(Date.now() - lastMs)}: the proxy serves what it has and learns of no change`,
        },
      ]
    : [];
  return (category) => [...(found.get(category) ?? []), ...away];
}
