/** `pam database` and `pam codec-server` as far as they need no server: the SQL for a DBA, and what is missing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../../../cli/main';

jest.setTimeout(30_000);

const folder = mkdtempSync(join(tmpdir(), 'pam-access-'));
const kept = { ...process.env };
beforeEach(() => {
  process.env = { PATH: kept.PATH ?? '', PAM_STATE: folder };
});
afterAll(() => {
  process.env = kept;
  rmSync(folder, { recursive: true, force: true });
});

async function pam(...args: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    }),
  );
  try {
    return { code: await runCommandLine(args), output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test('the SQL of the roles names them and the database, and has no password', async () => {
  Object.assign(process.env, {
    PAM_RUNTIME_PASSWORD: 's3cret',
    DATABASE_OWNER_URL: 'postgres://o:s3cret@db/traffic',
  });
  const { code, output } = await pam('database', 'roles', '--runtime', 'worker', '--reader', 'viewer');
  expect(code).toBe(0);
  for (const line of output.trim().split('\n')) expect(line).toMatch(/;$/);
  expect(output).toContain('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pam TO "worker";');
  expect(output).toContain('GRANT CONNECT ON DATABASE "traffic" TO "viewer";');
  expect(output).not.toContain('s3cret');
});

test('what is missing is named, with its code', async () => {
  expect(await pam('database', 'migrate')).toEqual({
    code: 78,
    output: expect.stringContaining('DATABASE_OWNER_URL'),
  });
  expect(await pam('database', 'roles', '--runtime', 'a; DROP')).toEqual({
    code: 64,
    output: expect.stringContaining('expected 1 to 63'),
  });
  expect(await pam('codec-server')).toEqual({
    code: 78,
    output: expect.stringContaining('temporal.encryption'),
  });
  const file = join(folder, 'pam.yaml');
  writeFileSync(file, 'temporal: { encryption: { keys: [{ id: one, env: PAM_TEST_KEY }] } }\n');
  expect(await pam('codec-server', '--config', file)).toEqual({
    code: 78,
    output: expect.stringContaining('PAM_CODEC_TOKEN'),
  });
  process.env.PAM_CODEC_TOKEN = 'a token of some length';
  expect(await pam('codec-server', '--config', file)).toEqual({
    code: 78,
    output: expect.stringMatching(/key "one" \(PAM_TEST_KEY\).*not set/),
  });
  process.env.PAM_TEST_KEY = Buffer.alloc(32).toString('base64');
  process.env.PAM_CODEC_TOKEN = 'short';
  expect(await pam('codec-server', '--config', file)).toEqual({
    code: 78,
    output: expect.stringContaining('at least 16'),
  });
  expect(await pam('codec-server', '--config', file, '--ui-origin', 'localhost')).toEqual({
    code: 64,
    output: expect.stringContaining('scheme://host'),
  });
});
