/** The servers that every other test of this project relies on are there and are what they should be. */
import { Client } from 'pg';
import { connectTemporal } from '../../adapters/temporal/connect';

test('DATABASE_URL names a superuser of an up-to-date PostgreSQL', async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  const { rows } = await client.query(
    "SELECT usesuper, current_setting('server_version_num')::int >= 140000 AS fresh FROM pg_user WHERE usename = current_user",
  );
  await client.end();
  expect(rows).toEqual([{ usesuper: true, fresh: true }]);
});

test("TEMPORAL_ADDRESS names a server with PAM's search attributes", async () => {
  const { client, close } = await connectTemporal({
    address: process.env.TEMPORAL_ADDRESS,
    namespace: 'default',
  });
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace: 'default',
  });
  await close();
  // 2 = Keyword, 3 = Int
  expect(customAttributes).toMatchObject({ PamCategory: 2, PamMode: 2, PamNodes: 3 });
});

test.each(['PAM_TEMPORAL', 'PAM_TEMPORAL_TEST_SERVER', 'PAM_ENVOY', 'PAM_PULUMI', 'PAM_POSTGRES'])(
  '%s is set',
  (variable) => {
    expect(process.env[variable]).toMatch(/^\//);
  },
);
