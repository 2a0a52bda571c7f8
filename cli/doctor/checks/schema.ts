/** The database has run the migrations of this version, and no others. */
import { schemaState } from '../../../adapters/postgres';
import { check } from '../check';

export const schema = check(
  'schema',
  'migrations of the database with those of this version',
  [],
  async (world) => {
    const url = world.installation?.database.url;
    if (!url) throw new Error(world.missing.database ?? 'no database is known');
    const { pending, unknown } = await schemaState(url);
    return [
      ...(pending.length === 0
        ? []
        : [
            {
              what: `the database lacks the migrations ${pending.join(', ')}`,
              affects: 'workers of this version fail where they need them',
              todo: 'run "pam up", which migrates',
              repair: async () => {
                await world.start(() => undefined);
                return `"pam up" has applied ${pending.join(', ')}`;
              },
            },
          ]),
      ...(unknown.length === 0
        ? []
        : [
            {
              what: `another version of PAM has migrated the database (${unknown.join(', ')})`,
              affects: '"pam up" of this version refuses to start',
              todo: 'run that version, or give this one a database of its own',
              repair: null,
            },
          ]),
    ];
  },
);
