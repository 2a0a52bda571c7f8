/** The survey of `pam.categories`, `pam.decisions` and `pam.bins`, in one statement, on the clock of the database. */
import type { CategorySurvey, SurveyStore } from '../../../ports/stores/surveyStore';
import type { Connection } from '../connection/connection';

const ago = (instant: string) =>
  `(extract(epoch FROM clock_timestamp() - ${instant}) * 1000)::double precision`;

export function createSurveyStore(connection: Connection): SurveyStore {
  return {
    categories: () =>
      connection.run<CategorySurvey & { [column: string]: unknown }>(
        'survey the categories',
        `SELECT name, status, ${ago('created_at')} AS "registeredMs",
           ${ago('(SELECT max(made_at) FROM pam.decisions WHERE category = name)')} AS "decidedMs",
           ${ago('(SELECT max(start_at) FROM pam.bins WHERE category = name AND live)')} AS "measuredMs"
         FROM pam.categories ORDER BY name`,
      ),
    async clockMs() {
      const [row] = await connection.run<{ atMs: number }>(
        'read the clock',
        `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS "atMs"`,
      );
      return row?.atMs ?? Number.NaN;
    },
  };
}
