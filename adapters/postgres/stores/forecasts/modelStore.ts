/** Fitted models in `pam.models`, their state compressed; at most one incumbent a category. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { PamError } from '../../../../core/errors';
import type { Json } from '../../../../core/forecasting/model';
import type { ModelStore, StoredModel } from '../../../../ports/stores/forecasts/modelStore';
import type { Connection, RunStatement } from '../../connection/connection';
import { toInstant, toMs } from '../../connection/instants';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

const description = `id, category, family, parameters, figures, status, reason, ${toMs('trained_from')} AS "trainedFromMs",
  ${toMs('trained_to')} AS "trainedToMs", ${toMs('created_at')} AS "createdMs", ${toMs('status_at')} AS "statusMs"`;

type ModelDescription = Omit<StoredModel, 'state'>;
type DescriptionRow = ModelDescription & Record<string, unknown>;
type ModelRow = DescriptionRow & { state: Buffer };

export function createModelStore(connection: Connection): ModelStore {
  const one = async (doing: string, condition: string, value: string): Promise<StoredModel | null> => {
    const [row] = await connection.run<ModelRow>(
      doing,
      `SELECT ${description}, state FROM pam.models WHERE ${condition}`,
      [value],
    );
    if (row === undefined) return null;
    const state = JSON.parse((await decompress(row.state)).toString('utf8')) as Json;
    return { ...row, state };
  };

  return {
    async save(model) {
      const state = await compress(JSON.stringify(model.state), { level: 4 });
      await connection.run(
        'store a model',
        // A retried activity saves again: its row is replaced, the status that it has meanwhile stays.
        `INSERT INTO pam.models (id, category, family, parameters, trained_from, trained_to, figures, state, status)
         VALUES ($1, $2, $3, $4, ${toInstant('$5')}, ${toInstant('$6')}, $7, $8, 'candidate')
         ON CONFLICT (id) DO UPDATE SET
           category = excluded.category, family = excluded.family, parameters = excluded.parameters,
           trained_from = excluded.trained_from, trained_to = excluded.trained_to, figures = excluded.figures,
           state = excluded.state`,
        [
          model.id,
          model.category,
          model.family,
          JSON.stringify(model.parameters),
          model.trainedFromMs,
          model.trainedToMs,
          JSON.stringify(model.figures),
          state,
        ],
      );
    },

    async promote(category, id, reason) {
      await connection.transaction('promote a model', async (run) => {
        // Two promotions at once would both retire the old incumbent and collide on the new one.
        await lockCategory(run, category);
        await run(
          '',
          `UPDATE pam.models SET status = 'retired', status_at = now(), reason = $3
           WHERE category = $1 AND status = 'incumbent' AND id <> $2`,
          [category, id, `replaced by ${id}: ${reason}`],
        );
        await makeIncumbent(run, category, id, reason);
      });
    },

    async rollBack(category, failedId, toId, reason) {
      await connection.transaction('roll a model back', async (run) => {
        await lockCategory(run, category);
        const failed = await run(
          '',
          `UPDATE pam.models SET status = 'rejected', status_at = now(), reason = $3
           WHERE category = $1 AND id = $2 AND status = 'incumbent' RETURNING id`,
          [category, failedId, reason],
        );
        if (failed.length > 0 && toId !== null)
          await makeIncumbent(run, category, toId, `back in use: ${reason}`);
      });
    },

    async reject(id, reason) {
      const rejected = await connection.run(
        'reject a model',
        `UPDATE pam.models SET status = 'rejected', status_at = now(), reason = $2
         WHERE id = $1 AND status IN ('candidate', 'rejected') RETURNING id`,
        [id, reason],
      );
      if (rejected.length === 0)
        throw new PamError('NOT_FOUND', `there is no candidate model "${id}" to reject`);
    },

    incumbent: (category) => one('load a model', `category = $1 AND status = 'incumbent'`, category),
    load: (id) => one('load a model', 'id = $1', id),

    async incumbentId(category) {
      const [row] = await connection.run<{ id: string }>(
        'find the model in use',
        `SELECT id FROM pam.models WHERE category = $1 AND status = 'incumbent'`,
        [category],
      );
      return row?.id ?? null;
    },

    list: (category) =>
      connection.run<DescriptionRow>(
        'list models',
        `SELECT ${description} FROM pam.models WHERE category = $1 ORDER BY created_at DESC, id`,
        [category],
      ),
  };
}

function lockCategory(run: RunStatement, category: string): Promise<unknown> {
  return run('', 'SELECT pg_advisory_xact_lock(hashtext($1))', [`pam promote ${category}`]);
}

async function makeIncumbent(run: RunStatement, category: string, id: string, reason: string): Promise<void> {
  const promoted = await run(
    '',
    // A retried activity promotes again: the time and reason of the first stay.
    `UPDATE pam.models SET status = 'incumbent',
       status_at = CASE WHEN status = 'incumbent' THEN status_at ELSE now() END,
       reason = CASE WHEN status = 'incumbent' THEN reason ELSE $3 END
     WHERE category = $1 AND id = $2 RETURNING id`,
    [category, id, reason],
  );
  if (promoted.length === 0)
    throw new PamError('NOT_FOUND', `category "${category}" has no model "${id}" to promote`);
}
