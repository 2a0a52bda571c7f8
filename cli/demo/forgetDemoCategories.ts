/**
 * Names of categories → what an earlier demo stored under them is removed. A demo maps its trace to the present, so
 * the bins, models and forecasts of an earlier run would be wrong.
 */
import { Client } from 'pg';
import { PamError } from '../../core/errors';
import { demoFeed } from './calendarFeeds';
import { historySource } from './play';

/** Every table with rows of a category, except `categories` itself. */
export const demoTables = [
  'bins',
  'events',
  'models',
  'forecasts',
  'forecast_scores',
  'drift_tests',
  'drifts',
  'decisions',
  'nodes',
  'node_ends',
  'pool_repairs',
  'lead_times',
  'scale_down_holds',
  'fleet_claims',
  'counter_samples',
] as const;

/** `url` is PAM’s database. All or nothing. Throws PamError CONFLICT if a name has data that no demo stored. */
export async function forgetDemoCategories(
  url: string,
  names: readonly string[],
  report: (line: string) => void,
): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN');
    const known = await client.query<{ name: string; demo: boolean }>(
      `SELECT name, EXISTS (SELECT 1 FROM pam.bins WHERE category = name AND source = $2) AS demo
       FROM unnest($1::text[]) AS name
       WHERE EXISTS (SELECT 1 FROM pam.bins WHERE category = name)
         OR EXISTS (SELECT 1 FROM pam.categories AS registered WHERE registered.name = name.name)`,
      [names, historySource],
    );
    const foreign = known.rows.filter(({ demo }) => !demo).map(({ name }) => name);
    if (foreign.length > 0)
      throw new PamError(
        'CONFLICT',
        `${foreign.join(', ')}: this database holds data under ${foreign.length === 1 ? 'that name' : 'those names'} which no demo put there, and a demo would have to replace it; give the trace another name, or set PAM_STATE to another folder`,
      );
    for (const table of demoTables)
      await client.query(`DELETE FROM pam.${table} WHERE category = ANY($1::text[])`, [names]);
    await client.query('DELETE FROM pam.categories WHERE name = ANY($1::text[])', [names]);
    await client.query('DELETE FROM pam.feeds WHERE name = ANY($1::text[])', [names.map(demoFeed)]);
    await client.query('COMMIT');
    if (known.rows.length > 0)
      report(`removed what an earlier demo stored of ${known.rows.map(({ name }) => name).join(', ')}`);
  } finally {
    await client.end();
  }
}
