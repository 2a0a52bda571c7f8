/** Registered categories in `pam.categories`, with their settings and what their nodes have shown. */
import type { CategorySettings } from '../../../core/category/settings';
import { PamError } from '../../../core/errors';
import type { CategoryRecord, CategoryStore } from '../../../ports/stores/categoryStore';
import type { Connection } from '../connection/connection';

interface CategoryRow {
  [column: string]: unknown;
  settings: CategorySettings;
  status: CategoryRecord['status'];
  learnedRequestsPerNodeSecond: number | null;
}

const columns = 'settings, status, learned_requests_per_node_second AS "learnedRequestsPerNodeSecond"';

/** What was learned holds for this node, at this utilization. */
const sameNode = ['node', 'utilization', 'requestsPerNodeSecond']
  .map((field) => `categories.settings->'${field}' IS NOT DISTINCT FROM excluded.settings->'${field}'`)
  .join(' AND ');

export function createCategoryStore(connection: Connection): CategoryStore {
  /** What `change` sets in the category's row; NOT_FOUND where there is none. */
  const update = async (doing: string, name: string, change: string, values: readonly unknown[]) => {
    const changed = await connection.run(
      doing,
      `UPDATE pam.categories SET ${change}, updated_at = now() WHERE name = $1 RETURNING name`,
      [name, ...values],
    );
    if (changed.length === 0) throw new PamError('NOT_FOUND', `category "${name}" is not registered`);
  };

  return {
    async put(settings) {
      await connection.run(
        'register a category',
        `INSERT INTO pam.categories (name, settings, status) VALUES ($1, $2, 'running')
         ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, status = 'running', updated_at = now(),
           learned_requests_per_node_second = CASE WHEN ${sameNode}
             THEN categories.learned_requests_per_node_second END`,
        [settings.name, JSON.stringify(settings)],
      );
    },

    stopped: (name) => update('mark a category as stopped', name, `status = 'stopped'`, []),

    learn: (name, requestsPerNodeSecond) =>
      update('record what nodes have shown', name, 'learned_requests_per_node_second = $2', [
        requestsPerNodeSecond,
      ]),

    async get(name) {
      const [row] = await connection.run<CategoryRow>(
        'read a category',
        `SELECT ${columns} FROM pam.categories WHERE name = $1`,
        [name],
      );
      return row ?? null;
    },

    list: () =>
      connection.run<CategoryRow>(
        'list the categories',
        `SELECT ${columns} FROM pam.categories ORDER BY name`,
      ),
  };
}
