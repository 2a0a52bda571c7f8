/** The units of systemd: what they start exists, what they promise stands in them, and systemd itself has nothing against them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentNames } from '../../config/schema';

const root = join(__dirname, '..', '..');
const folder = join(root, 'deploy', 'systemd');
const units = readdirSync(folder).filter((name) => /\.(service|target)$/.test(name));
const services = units.filter((name) => name.endsWith('.service'));
const settingsOf = (unit: string): [string, string][] =>
  readFileSync(join(folder, unit), 'utf8')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);

test.each(services)('%s starts what exists, as its own user, closed to others, again and again', (unit) => {
  const settings = settingsOf(unit);
  expect(settings).toEqual(
    expect.arrayContaining([
      ['User', 'pam'],
      ['Restart', 'always'],
      ['StartLimitIntervalSec', '0'],
      ['NoNewPrivileges', 'yes'],
      ['ProtectSystem', 'strict'],
      ['UMask', '0077'],
      ['CapabilityBoundingSet', ''],
      ['StateDirectoryMode', '0700'],
      ['StateDirectory', expect.stringMatching(/^pam/)],
    ]),
  );
  const values = Object.fromEntries(settings);
  const script = /\/opt\/pam\/(\S+)/.exec(values.ExecStart ?? '')?.[1] ?? '';
  const source = script.replace(/^dist\//, '').replace(/\.js$/, '.ts');
  expect(existsSync(join(root, source))).toBe(true);
  // What it keeps is where it is told to keep it.
  expect(settings).toContainEqual(['Environment', `PAM_STATE=/var/lib/${values.StateDirectory}`]);
});

test('the variables of the environment file are those that PAM knows', () => {
  const names = readFileSync(join(folder, 'pam.env'), 'utf8').match(/^[A-Z_]+(?==)/gm) ?? [];
  expect(names.filter((name) => !(name in environmentNames))).toEqual([]);
  expect(names).toContain('DATABASE_URL');
});

test('systemd finds nothing wrong, where it is there to ask', () => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) {
    // Without systemd the tests above have looked at the structure.
    expect(units.length).toBeGreaterThan(2);
    return;
  }
  const copies = mkdtempSync(join(tmpdir(), 'pam-units-'));
  try {
    for (const unit of units)
      writeFileSync(
        join(copies, unit),
        // Programs and folders as they are in this checkout; the user may not exist here.
        readFileSync(join(folder, unit), 'utf8')
          .replaceAll('/usr/bin/node', process.execPath)
          .replaceAll('/opt/pam', root)
          .replaceAll(/^(User|Group)=pam$/gm, '$1=root'),
      );
    const said = spawnSync('systemd-analyze', ['verify', ...units.map((unit) => join(copies, unit))], {
      encoding: 'utf8',
      env: { ...process.env, SYSTEMD_UNIT_PATH: `${copies}:` },
    });
    const ours = `${said.stdout}${said.stderr}`
      .split('\n')
      .filter((line) => line.includes(copies) || line.startsWith('pam'));
    expect(ours).toEqual([]);
  } finally {
    rmSync(copies, { recursive: true, force: true });
  }
});
