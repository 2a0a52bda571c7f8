/**
 * Whatever the settings of a category accept, the real Envoy takes from discovery: a few hundred generated rules and pools,
 * all at once. None of them may be refused.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { healthPath, hostAndPort, matchablePath } from '../../../core/routing/grammar';
import { matchKey } from '../../../core/routing/precedence';
import { routingMatch } from '../../../core/routing/rule';
import { type EnvoyStage, startEnvoy } from '../../support/envoyStage';

jest.setTimeout(60_000);

let stage: EnvoyStage;
beforeAll(async () => {
  stage = await startEnvoy();
});
afterAll(() => stage?.stop());

/** Texts near a grammar's edge; those that it refuses are left out, the others are what a person could write. */
const near = (start: string, letters: string, schema: { safeParse(value: unknown): { success: boolean } }) =>
  fc
    .array(fc.constantFrom(...letters, '%20', '%C3%A4', '..', '//', ':8080'), { maxLength: 40 })
    .map((parts) => `${start}${parts.join('')}`)
    .filter((text) => schema.safeParse(text).success);

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
const paths = near('/', printable, matchablePath);
const match = fc
  .oneof(
    paths.map((pathPrefix) => ({ pathPrefix })),
    near('a', 'abcZ019.-', hostAndPort).map((host) => ({ host })),
    fc.record({
      header: fc.record({
        name: fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/),
        value: fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,250}[\x21-\x7e])?$/),
      }),
    }),
  )
  .filter((one) => routingMatch.safeParse(one).success);

const generated = fc.sample(fc.record({ match, healthPath: near('/', printable, healthPath) }), {
  numRuns: 400,
  seed: 12,
});
// Two categories can't have the same match.
const different = [...new Map(generated.map((one) => [matchKey(one.match), one])).values()];

test('Envoy takes every rule, path and health path that a category may have', async () => {
  const { store } = stage;
  const kinds = new Set(different.flatMap(({ match: one }) => Object.keys(one)));
  expect([...kinds].sort()).toEqual(['header', 'host', 'pathPrefix']);
  await Promise.all(
    different.map(async ({ match: one, healthPath: path }, index) => {
      const endpoint = { id: `c${index}-1`, host: '127.0.0.1', port: 1 + index, healthPath: path };
      await store.putEndpoint(`c${index}`, endpoint);
      await store.putRule({ category: `c${index}`, match: one });
    }),
  );
  const answered = async () => (await store.status()).pools.every(({ taken }) => taken);
  for (const end = Date.now() + 40_000; !(await answered()) && Date.now() < end; ) await sleep(200);
  const { pools } = await store.status();
  expect(pools).toHaveLength(different.length);
  expect(pools.filter(({ taken, refused }) => !taken || refused !== null)).toEqual([]);
});
