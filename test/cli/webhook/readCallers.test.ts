/** Who may push, as an operator writes it: what is read, and what is refused without a word of a token. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCallers } from '../../../cli/webhook/readCallers';

const folder = mkdtempSync(join(tmpdir(), 'pam-callers-'));
const file = join(folder, 'callers.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string, environment: NodeJS.ProcessEnv = {}, mode = 0o600) {
  writeFileSync(file, text);
  chmodSync(file, mode);
  return readCallers(file, environment);
}

test('a file binds tokens, its own or those of the environment, to sources, categories and feeds', () => {
  const text = [
    'callers:',
    '  - { source: crm, tokenFrom: CRM_TOKEN, categories: [checkout, "shop-*"] }',
    '  - { source: press, token: abcdefghijklmnop, feeds: ["*"], perMinute: 5 }',
  ].join('\n');
  expect(read(text, { CRM_TOKEN: 'from-the-environment' })).toEqual([
    {
      source: 'crm',
      token: 'from-the-environment',
      categories: ['checkout', 'shop-*'],
      feeds: [],
      perMinute: 60,
    },
    { source: 'press', token: 'abcdefghijklmnop', categories: [], feeds: ['*'], perMinute: 5 },
  ]);
});

test('without a file one token may push to every category', () => {
  expect(readCallers(undefined, { PAM_WEBHOOK_TOKEN: 'abcdefghijklmnop' })).toEqual([
    expect.objectContaining({ source: 'webhook', categories: ['*'], feeds: ['*'] }),
  ]);
  expect(() => readCallers(undefined, {})).toThrow(/PAM_WEBHOOK_TOKEN: expected/);
});

test.each([
  ['that others may read', 'callers: []', 0o640, /mode 600/],
  ['without callers', 'callers: []', 0o600, /callers/],
  ['with a source of people', 'callers: [{source: signal, token: secret-secret}]', 0o600, /another name/],
  [
    'with a source of a feed',
    'callers: [{source: "feed:a", token: secret-secret}]',
    0o600,
    /source: expected/,
  ],
  ['with two tokens for one', 'callers: [{source: a, token: secret, tokenFrom: B}]', 0o600, /either/],
  ['with a token that is not there', 'callers: [{source: a, tokenFrom: B}]', 0o600, /B is not set/],
  ['with a typing error', 'callers: [{source: a, token: secret, catgories: []}]', 0o600, /catgories/],
  ['that is no YAML', 'callers: [{source: a, token: "secret', 0o600, /expected YAML/],
])('a file %s is refused', (_, text, mode, reason) => {
  let told = '';
  try {
    read(text, {}, mode);
  } catch (error) {
    told = (error as Error).message;
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
  }
  expect(told).toMatch(reason);
  expect(told).not.toContain('secret');
});
