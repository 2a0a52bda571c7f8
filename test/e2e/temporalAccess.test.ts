/** `pam` and a worker, as processes, against Temporal behind TLS with client certificates and with API keys. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../adapters/postgres';
import { connectTemporal } from '../../adapters/temporal/connect';
import { runCommandLine } from '../../cli/main';
import { type Signed, type TestAuthority, testAuthority } from '../support/certificates';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { apiKeyFront, type Front, mutualTlsFront } from '../support/tlsFront';

jest.setTimeout(60_000);
const root = join(__dirname, '..', '..');
const taskQueue = `access-${randomBytes(4).toString('hex')}`;
const apiKey = randomBytes(16).toString('hex');

let folder: string;
let ours: TestAuthority;
let client: Signed;
let stranger: Signed;
let mutual: Front;
let keyed: Front;
let database: TestDatabase;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pam-access-'));
  ours = testAuthority(folder, 'ours');
  const server = ours.sign('server', ['temporal.example.test', '127.0.0.1']);
  client = ours.sign('ann');
  stranger = testAuthority(folder, 'theirs').sign('eve');
  const target = process.env.TEMPORAL_ADDRESS ?? '';
  mutual = await mutualTlsFront(target, server, ours.ca);
  keyed = await apiKeyFront(target, server, apiKey);
  database = await createTestDatabase();
  await migrate(database.url);
});
afterAll(async () => {
  await Promise.all([mutual?.close(), keyed?.close()]);
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

type Environment = Record<string, string>;
const withCertificate = ({ cert, key }: Signed, ca = ours.ca): Environment => ({
  TEMPORAL_ADDRESS: mutual.address,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
  TEMPORAL_TLS_CLIENT_CERT_PATH: cert,
  TEMPORAL_TLS_CLIENT_KEY_PATH: key,
});
const withKey = (key: string): Environment => ({
  ...{ TEMPORAL_ADDRESS: keyed.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: ours.ca },
  TEMPORAL_API_KEY: key,
});

interface Ran {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly code: Promise<number | null>;
}

/** Nothing of the test's own environment that has to do with servers. */
function environmentWith(given: Environment): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: folder, PAM_STATE: folder, DATABASE_URL: database.url, ...given };
}

function start(script: string, args: string[], given: Environment): Ran {
  const env = environmentWith(given);
  const child = spawn(process.execPath, [join(root, script), ...args], { env, cwd: folder });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  return { child, output: () => output, code: new Promise((resolve) => child.once('close', resolve)) };
}

async function pam(given: Environment): Promise<{ code: number | null; output: string }> {
  // A category that there is not: whoever says so has asked Temporal.
  const ran = start('bin/pam', ['audit', 'nobody'], given);
  return { code: await ran.code, output: ran.output() };
}

const worker = (given: Environment) =>
  start('dist/workers/training.js', [], { ...given, PAM_TASK_QUEUE: taskQueue });

/** The worker takes work: a training of a category that there is not fails with that reason. */
async function worksThrough(given: Environment): Promise<void> {
  const running = worker(given);
  const direct = await connectTemporal({ address: process.env.TEMPORAL_ADDRESS, namespace: 'default' });
  try {
    const training = direct.client.workflow.execute('retrainCategory', {
      ...{ taskQueue: `${taskQueue}-train`, workflowId: `retrain:nobody-${randomBytes(4).toString('hex')}` },
      ...{ args: [{ category: 'nobody' }], workflowExecutionTimeout: '30s' },
    });
    await expect(training).rejects.toMatchObject({
      cause: { cause: { message: expect.stringContaining('nobody') } },
    });
    expect(running.output()).toContain('"msg":"ready"');
  } finally {
    running.child.kill('SIGTERM');
    expect(await running.code).toBe(0);
    await direct.close();
  }
}

test('with the right certificate, or the right key, the command line and a worker work', async () => {
  const profiles = join(folder, 'temporal.toml');
  const { cert, key } = client;
  writeFileSync(
    profiles,
    `[profile.hardened]\naddress = "${mutual.address}"\n[profile.hardened.tls]\nserver_ca_cert_path = "${ours.ca}"\nclient_cert_path = "${cert}"\nclient_key_path = "${key}"\n`,
  );
  const byProfile = { TEMPORAL_CONFIG_FILE: profiles, TEMPORAL_PROFILE: 'hardened' };
  const answers = await Promise.all([pam(withCertificate(client)), pam(withKey(apiKey)), pam(byProfile)]);
  for (const { code, output } of answers)
    expect({ code, output }).toEqual({ code: 66, output: expect.stringMatching(/"nobody"/) });
  await worksThrough(withCertificate(client));
  await worksThrough(withKey(apiKey));
});

const wrong: [string, () => Environment, number, RegExp][] = [
  [
    'no client certificate',
    () => ({ TEMPORAL_ADDRESS: mutual.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: ours.ca }),
    77,
    /demands? a client certificate/,
  ],
  ["another CA's client certificate", () => withCertificate(stranger), 77, /client certificate/],
  [
    'another CA for the server',
    () => withCertificate(client, join(folder, 'theirs-ca.pem')),
    77,
    /no CA that is trusted here/,
  ],
  [
    'the CA of nobody',
    () => ({ TEMPORAL_ADDRESS: mutual.address, TEMPORAL_TLS: 'true' }),
    77,
    /no CA that is trusted here/,
  ],
  [
    'another name',
    () => ({ ...withCertificate(client), TEMPORAL_TLS_SERVER_NAME: 'other.example.test' }),
    77,
    /for another host.*temporal\.example\.test/,
  ],
  ['no TLS', () => ({ TEMPORAL_ADDRESS: mutual.address }), 78, /it speaks TLS, and none is configured/],
  [
    'TLS to a server without',
    () => ({ ...withCertificate(client), TEMPORAL_ADDRESS: process.env.TEMPORAL_ADDRESS ?? '' }),
    77,
    /does not speak TLS/,
  ],
  [
    'a certificate without its key',
    () => ({ ...withCertificate(client), TEMPORAL_TLS_CLIENT_KEY_PATH: '' }),
    78,
    /needs its key/,
  ],
  [
    'a file that is not there',
    () => withCertificate({ ...client, cert: '/nowhere.pem' }),
    78,
    /\/nowhere\.pem/,
  ],
  ['a wrong API key', () => withKey('wr0ng-key'), 77, /refuses the API key: unknown API key/],
  ['a profile that there is not', () => ({ TEMPORAL_PROFILE: 'nobodys' }), 78, /nobodys/],
];

/** The command line within this process: a dozen processes would take a dozen seconds. */
async function pamHere(given: Environment): Promise<{ code: number; output: string }> {
  const kept = process.env;
  let output = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      output += String(text);
      return true;
    }),
  );
  process.env = { ...environmentWith(given) };
  try {
    return { code: await runCommandLine(['audit', 'nobody']), output };
  } finally {
    process.env = kept;
    for (const spy of spies) spy.mockRestore();
  }
}

test.each(wrong)(
  '%s: named by the command line, with its code and without a stack trace',
  async (_, given, code, cause) => {
    const ran = await pamHere(given());
    expect(ran).toEqual({ code, output: expect.stringMatching(cause) });
    expect(ran.output).not.toMatch(/^ +at |wr0ng-key/m);
  },
);

test('and by a worker, in its log', async () => {
  const cases = wrong.filter(([name]) => /^(no client|another CA for|a wrong API)/.test(name));
  await Promise.all(
    cases.map(async ([name, given, code, cause]) => {
      const ran = worker(given());
      expect({ name, code: await ran.code, output: ran.output() }).toEqual({
        name,
        code,
        output: expect.stringMatching(cause),
      });
      expect(ran.output()).not.toMatch(/ at .*:\d+:\d+|wr0ng-key/);
    }),
  );
});
