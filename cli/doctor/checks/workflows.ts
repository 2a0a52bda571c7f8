/** Each registered category has its workflow and the other way round: the collector measures what is registered. */
import { askStatus } from '../../category/askStatus';
import { findCategories } from '../../category/findCategories';
import { check, type Difference } from '../check';

export const workflows = check(
  'workflows',
  'categories on record with workflows that run',
  ['database', 'temporal'],
  async ({ database, temporal, now }) => {
    const [rows, pools, found] = await Promise.all([
      database.survey.categories(),
      database.ledger.list(),
      findCategories(temporal, now()),
    ]);
    const running = new Set(
      found.flatMap(({ status, category }) => (status === 'RUNNING' ? [category] : [])),
    );
    const registered = new Map(rows.map(({ name, status }) => [name, status]));
    const orphans = rows
      .filter(({ name, status }) => status === 'running' && !running.has(name))
      .map(({ name }): Difference => {
        const nodes = pools.find(({ category }) => category === name)?.nodes.length ?? 0;
        return {
          what: `category "${name}" is on record as running and its workflow does not run`,
          affects:
            nodes === 0
              ? 'it is measured for nothing'
              : `its ${nodes} nodes go on serving, and nobody decides how many it needs`,
          todo: `start it again with "pam apply" or the Temporal CLI; to take its nodes away, send it "stop" then`,
          repair:
            nodes > 0
              ? null
              : async () => {
                  await database.categories.stopped(name);
                  return `"${name}" is on record as stopped`;
                },
        };
      });
    const unregistered = [...running]
      .filter((name) => registered.get(name) !== 'running')
      .map(
        (name): Difference => ({
          what: `the workflow of category "${name}" runs and the category is ${registered.has(name) ? 'on record as stopped' : 'not on record'}`,
          affects: 'its requests are not measured, so its nodes stay as they are',
          todo: `temporal workflow update execute --workflow-id category:${name} --name configure --input '{}'`,
          repair: async () => {
            const answer = await askStatus(temporal, name);
            if (answer.kind !== 'answered') throw new Error(`its workflow does not answer`);
            await database.categories.put(answer.status.settings);
            return `"${name}" is on record again, with the settings of its workflow`;
          },
        }),
      );
    return [...orphans, ...unregistered];
  },
);
