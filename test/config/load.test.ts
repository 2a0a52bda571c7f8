import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { generatedFiles } from '../../cli/generatedFiles';
import { loadConfig } from '../../config/load';
import { projectRoot } from '../../config/projectRoot';
import { configSchema, environmentNames } from '../../config/schema';
import { PamError } from '../../core/errors';
import { redact } from '../../core/text/redact';

const folder = mkdtempSync(join(tmpdir(), 'pam-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, `${Math.random()}.yaml`);
  writeFileSync(path, content);
  return path;
}

function failure(run: () => unknown): PamError {
  try {
    run();
  } catch (error) {
    if (error instanceof PamError) return error;
    throw error;
  }
  throw new Error('expected a PamError');
}

test('without a file and variables, every setting has its default', () => {
  const config = loadConfig({ env: {} });
  expect(config).toMatchObject({ stateDir: '.pam', temporal: { namespace: 'default', taskQueue: 'pam' } });
  expect(config.retention.bins).toBe(90 * 86_400_000);
});

test('the environment wins over the file, setting by setting', () => {
  const path = file('temporal:\n  address: file:1\n  namespace: from-file\nsharedPool: {nodes: 5}\n');
  const env = {
    PAM_CONFIG: path,
    TEMPORAL_ADDRESS: 'env:2',
    PAM_SHARED_ENDPOINTS: 'a:1, b:2',
    DATABASE_URL: '',
  };
  const config = loadConfig({ env });
  expect(config.temporal).toMatchObject({ address: 'env:2', namespace: 'from-file' });
  expect(config.sharedPool).toMatchObject({ nodes: 5, endpoints: ['a:1', 'b:2'] });
  expect(config.database.url).toBeUndefined();
});

test("a profile of Temporal's says which server and namespace, unless these are set as well", () => {
  const profiles = file(
    '[profile.prod]\naddress = "cloud.example:7233"\nnamespace = "shop.a1"\napi_key = "s3cret"\n',
  );
  const env = { TEMPORAL_CONFIG_FILE: profiles, TEMPORAL_PROFILE: 'prod' };
  const { temporal } = loadConfig({ env });
  expect(temporal).toMatchObject({ profile: 'prod', address: 'cloud.example:7233', namespace: 'shop.a1' });
  expect(JSON.stringify(temporal)).not.toContain('s3cret');
  expect(loadConfig({ env: { ...env, TEMPORAL_NAMESPACE: 'mine' } }).temporal).toMatchObject({
    address: 'cloud.example:7233',
    namespace: 'mine',
  });
  // One that nobody has chosen redirects nothing.
  expect(loadConfig({ env: { TEMPORAL_CONFIG_FILE: profiles } }).temporal).toMatchObject({
    namespace: 'default',
  });
  expect(failure(() => loadConfig({ env: { ...env, TEMPORAL_PROFILE: 'other' } }))).toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringMatching(/temporal\.profile: other/),
  });
});

test('keys of encryption are references: a key itself, both places or none are refused', () => {
  const keys = (text: string) => ({
    env: { PAM_CONFIG: file(`temporal: { encryption: { keys: ${text} } }\n`) },
  });
  expect(loadConfig(keys('[{ id: a, env: KEY }]')).temporal.encryption).toEqual({
    keys: [{ id: 'a', env: 'KEY' }],
  });
  for (const wrong of [
    '[]',
    '[{ id: a }]',
    '[{ id: a, env: K, file: f }]',
    '[{ id: a, key: c2VjcmV0 }]',
    '[{ id: "a b", env: K }]',
  ])
    expect(failure(() => loadConfig(keys(wrong))).code).toBe('INVALID_CONFIG');
  expect(loadConfig({ env: { PAM_TEMPORAL_TLS: 'false' } }).temporal.tls).toBe(false);
});

test('a variable that arrives as text becomes the type its setting has', () => {
  expect(loadConfig({ env: { PAM_LISTEN_PORT: '8080' } }).envoy.listenPort).toBe(8080);
});

test('every variable names a setting that exists', () => {
  const shape = configSchema.shape as unknown as Record<string, { unwrap?: () => { shape?: object } }>;
  for (const path of Object.values(environmentNames)) {
    const [group = '', key] = path.split('.');
    expect(Object.keys(shape)).toContain(group);
    if (key !== undefined) expect(Object.keys(shape[group]?.unwrap?.().shape ?? {})).toContain(key);
  }
});

test.each([
  ['temporal:\n  adress: x:1\n', /: temporal: .*adress/],
  ['sharedPool: {nodes: 0}\n', /: sharedPool\.nodes: .*>=1/],
  ['retention: {bins: soon}\n', /: retention\.bins: .*expected/],
  ['a: [\n', /\.yaml:\d+: not valid YAML/],
  ['- list\n', /expected settings/],
  ['log: loud\n', /: log: .*expected object/],
])('a wrong file is refused with its name and the key: %j', (content, expected) => {
  const path = file(content);
  const error = failure(() => loadConfig({ file: path, env: {} }));
  expect(error.exitCode).toBe(78);
  expect(error.message).toMatch(expected);
  expect(error.message).toContain(path);
});

test('a wrong variable is named, not the file', () => {
  const error = failure(() =>
    loadConfig({ file: file('log: {level: info}'), env: { PAM_LOG_LEVEL: 'loud' } }),
  );
  expect(error.message).toMatch(/^PAM_LOG_LEVEL: .*"debug"/);
});

test('a named file that is missing is not found, with what named it', () => {
  expect(failure(() => loadConfig({ env: { PAM_CONFIG: '/nowhere.yaml' } }))).toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('PAM_CONFIG: no file /nowhere.yaml'),
  });
});

test.each(generatedFiles)(
  '$file is what $from generates: run "make generate" after a change',
  ({ file, text }) => {
    const present = readFileSync(join(projectRoot(), file), 'utf8');
    expect(present).toBe(text(present));
  },
);

test('pam.example.yaml is valid as it is and with every comment taken off', () => {
  const path = join(projectRoot(), 'pam.example.yaml');
  expect(loadConfig({ file: path, env: {} }).envoy.listenPort).toBe(8080);
  const all = readFileSync(path, 'utf8').replace(/^ {2}# (\w+: )/gm, '  $1');
  const settings = configSchema.parse(parse(all));
  expect(settings.envoy.adminUrl).toBe('http://127.0.0.1:9901');
  expect(settings.pulumi.backendUrl).toMatch(/^postgres:/);
});

test('passwords in URLs are not printed, wherever they are', () => {
  const shown = JSON.stringify(
    redact({
      a: ['postgres://pam:s3cr%40t@db:5432/pam'],
      b: { c: 'https://x/?token=s3cret&y=1' },
      d: 'http://h:1',
    }),
  );
  expect(shown).not.toMatch(/s3cr/);
  expect(JSON.parse(shown)).toMatchObject({ a: ['postgres://pam:***@db:5432/pam'], d: 'http://h:1' });
});
