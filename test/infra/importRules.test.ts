/** The import rules bite: each forbidden import in a made-up project is found, each allowed one is not. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../config/projectRoot';

const root = projectRoot();
const project = mkdtempSync(join(tmpdir(), 'pam-imports-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const value = 'export const value = 1;\n';
const imports = (...paths: string[]) => paths.map((path) => `import '${path}';\n`).join('') + value;

/** File → the rule that it breaks; null: none. */
const files: Record<string, readonly [content: string, rule: string | null]> = {
  'core/plain.ts': [value, null],
  'core/pure.ts': [imports('zod', './plain'), null],
  'core/readsFiles.ts': [imports('node:fs'), 'core-is-pure'],
  'core/usesAdapter.ts': [imports('../adapters/a/one'), 'core-is-pure'],
  'core/usesDatabase.ts': [imports('pg'), 'core-is-pure'],
  'ports/fine.ts': [imports('../core/plain'), null],
  'ports/usesAdapter.ts': [imports('../adapters/a/one'), 'ports-know-core'],
  'simulation/fine.ts': [imports('../core/plain'), null],
  'simulation/usesPorts.ts': [imports('../ports/fine'), 'simulation-knows-core'],
  'simulation/readsFiles.ts': [imports('node:fs'), 'simulation-knows-core'],
  'workflows/contracts/index.ts': [imports('../../core/plain', '@temporalio/workflow'), null],
  'workflows/typed.ts': [`import type { A } from '../activities/fine';\nexport type B = A;\n`, null],
  'workflows/untyped.ts': [imports('../activities/fine'), 'workflows-know-activities-as-types'],
  'workflows/usesPorts.ts': [imports('../ports/fine'), 'workflows-are-deterministic'],
  'workflows/usesClient.ts': [imports('@temporalio/client'), 'workflows-are-deterministic'],
  'activities/fine.ts': [
    `export type A = 1;\n${imports('../core/plain', '../ports/fine', '../workflows/contracts', '@temporalio/activity')}`,
    null,
  ],
  'activities/usesAdapter.ts': [imports('../adapters/a/one'), 'activities-work-over-ports'],
  'activities/usesWorkflow.ts': [imports('../workflows/typed'), 'activities-work-over-ports'],
  'adapters/a/one.ts': [imports('../../core/plain', '../../ports/fine', 'pg'), null],
  'adapters/a/usesNeighbour.ts': [imports('../b/one'), 'adapters-know-ports'],
  'adapters/a/usesInfra.ts': [imports('../../infra/local/fine'), 'only-node-providers-know-infra'],
  'adapters/a/usesFiles.ts': [imports('../files/one'), null],
  'adapters/files/one.ts': [imports('../../core/plain', 'node:fs'), null],
  'adapters/files/usesAdapter.ts': [imports('../a/one'), 'adapters-know-ports'],
  'adapters/a/usesEnvoy.ts': [imports('../envoy/one'), 'only-demand-envoy-knows-envoy'],
  'adapters/demand/envoy/fine.ts': [imports('../../envoy/one'), null],
  'adapters/envoy/one.ts': [value, null],
  'adapters/b/one.ts': [value, null],
  'adapters/feeds/fine.ts': [value, null],
  'adapters/calendar/usesFeeds.ts': [imports('../feeds/fine'), 'only-the-reader-knows-what-it-reads'],
  'adapters/reader/fine.ts': [imports('../feeds/fine', 'node:child_process'), null],
  'adapters/nodes/a/fine.ts': [imports('../../../infra/local/fine', '../../../ports/fine'), null],
  'adapters/nodes/a/usesPool.ts': [imports('../pool/fine'), 'node-providers-know-no-other'],
  'adapters/nodes/a/usesProvider.ts': [imports('../local/fine'), 'node-providers-know-no-other'],
  'adapters/nodes/a/startsProcesses.ts': [imports('node:child_process'), 'only-local-nodes-know-processes'],
  'adapters/nodes/local/fine.ts': [imports('node:child_process'), null],
  'adapters/nodes/pool/fine.ts': [imports('../../../ports/fine'), null],
  'adapters/nodes/pool/usesProvider.ts': [imports('../local/fine'), 'node-providers-know-no-other'],
  'adapters/nodes/registry.ts': [imports('./local/fine', './pool/fine'), null],
  'workers/usesLocalNodes.ts': [
    imports('../adapters/nodes/local/fine'),
    'only-the-registry-knows-local-nodes',
  ],
  'installation/usesLocalNodes.ts': [imports('../adapters/nodes/local/fine'), null],
  'infra/local/fine.ts': [imports('../../core/plain'), null],
  'infra/local/usesAdapter.ts': [imports('../../adapters/b/one'), 'infra-programs-know-core-and-ports'],
  'installation/fine.ts': [imports('../adapters/b/one', '../workflows/contracts'), null],
  'installation/usesWorker.ts': [imports('../workers/fine'), 'installation-knows-no-logic'],
  'workers/fine.ts': [imports('../adapters/a/one', '../infra/local/fine', '../activities/fine'), null],
  'workers/usesTest.ts': [imports('../test/support'), 'nothing-imports-tests'],
  'workers/usesJest.ts': [imports('jest'), 'no-development-package-in-production'],
  'cli/missing.ts': [imports('./not-there'), 'no-unresolvable'],
  'cli/cycleOne.ts': [imports('./cycleTwo'), 'no-cycle'],
  // A cycle is told once, at one of its files.
  'cli/cycleTwo.ts': [imports('./cycleOne'), null],
  // Two folders that know each other without a cycle of files.
  'simulation/one/a.ts': [imports('../two/a'), null],
  'simulation/one/b.ts': [value, null],
  'simulation/two/a.ts': [value, null],
  'simulation/two/b.ts': [imports('../one/b'), null],
  'test/support.ts': [value, null],
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

test('every forbidden import is found under its rule, and nothing else', () => {
  for (const [path, [content]] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content);
  }
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, file), join(project, file));
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  const folders = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))];
  const found = cruise(['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders]);
  const broken = new Map(Object.keys(files).map((path) => [path, new Set<string>()]));
  for (const { from, rule } of found) broken.get(from)?.add(rule.name);
  for (const [path, [, rule]] of Object.entries(files))
    expect({ path, rules: [...(broken.get(path) ?? [])] }).toEqual(
      rule === null ? { path, rules: [] } : { path, rules: expect.arrayContaining([rule]) },
    );
  expect(found).toContainEqual(
    expect.objectContaining({
      from: 'simulation/one',
      rule: expect.objectContaining({ name: 'no-cycle-between-folders' }),
    }),
  );
}, 60_000);

function cruise(args: string[]): Violation[] {
  const command = join(root, 'node_modules', '.bin', 'depcruise');
  let output: string;
  try {
    output = execFileSync(command, args, { cwd: project, encoding: 'utf8', maxBuffer: 1 << 26 });
  } catch (error) {
    // It exits with the number of errors that it found.
    if (!(error instanceof Error && 'stdout' in error && typeof error.stdout === 'string')) throw error;
    output = error.stdout;
  }
  const report: { summary: { violations: Violation[] } } = JSON.parse(output);
  return report.summary.violations;
}
