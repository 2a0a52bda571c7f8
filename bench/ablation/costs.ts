/** What each part costs to keep: its lines of code and of tests, by file, and the size of what it depends on. */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PartCost {
  readonly part: string;
  readonly codeLines: number;
  readonly testLines: number;
  /** Megabytes on disk of packages that only this part needs; 0 without any. */
  readonly dependenciesMb: number;
  /** What counted the lines. */
  readonly command: string;
}

interface Files {
  readonly part: string;
  readonly code: readonly string[];
  readonly tests: readonly string[];
  readonly packages?: readonly string[];
}

const drift = 'core/evaluation/drift';

/** Files that serve the part alone; lines of it within other files are told in docs/research/ablation.md. */
const parts: readonly Files[] = [
  {
    part: 'combination',
    code: ['core/forecasting/families/combination'],
    tests: ['test/core/forecasting/families/combination'],
  },
  {
    part: 'lstm',
    code: [
      'core/forecasting/families/lstm',
      'adapters/trainer/trainNetwork.ts',
      'adapters/trainer/tensorflow.ts',
      'installation/tools/tensorflow.ts',
      'installation/tools/linkTensorflow.ts',
      'installation/tools/obtainTensorflow.ts',
    ],
    tests: [
      'test/core/forecasting/families/lstm',
      'test/adapters/trainer/trainNetwork.test.ts',
      'test/adapters/trainer/networkThread.ts',
      'test/installation/tools/tensorflow.test.ts',
    ],
    packages: ['node_modules/@tensorflow'],
  },
  {
    part: 'borrowed models',
    code: ['core/serving/borrowing.ts', 'activities/models/borrowedModels.ts', 'simulation/lenders.ts'],
    tests: ['test/core/serving/borrowing.test.ts'],
  },
  {
    part: 'drift tests',
    code: [drift],
    tests: ['test/core/evaluation/drift', 'test/workflows/drift.test.ts'],
  },
  {
    part: 'trust',
    code: ['core/evaluation/accuracy/trust.ts', 'core/serving/distrust.ts', 'simulation/trustRecord.ts'],
    tests: ['test/core/evaluation/accuracy/trust.test.ts'],
  },
  {
    part: 'rollback',
    code: ['core/evaluation/accuracy/rollback.ts', 'activities/models/reviewModel.ts'],
    tests: ['test/core/evaluation/accuracy/rollback.test.ts'],
  },
];

const root = join(__dirname, '../..');

export function partCosts(): PartCost[] {
  return parts.map(({ part, code, tests, packages = [] }) => ({
    part,
    codeLines: linesIn(code),
    testLines: linesIn(tests),
    dependenciesMb: packages.reduce((sum, path) => sum + bytesIn(join(root, path)), 0) / 1e6,
    command: `find ${code.join(' ')} -name '*.ts' | xargs cat | wc -l`,
  }));
}

function linesIn(paths: readonly string[]): number {
  return filesIn(paths.map((path) => join(root, path)))
    .filter((file) => file.endsWith('.ts'))
    .reduce((sum, file) => sum + readFileSync(file, 'utf8').split('\n').length - 1, 0);
}

/** Links are not followed: what they lead to is counted where it is. */
function filesIn(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) return [];
    const found = lstatSync(path);
    if (found.isSymbolicLink()) return [];
    return found.isDirectory() ? filesIn(readdirSync(path).map((name) => join(path, name))) : [path];
  });
}

const bytesIn = (path: string) => filesIn([path]).reduce((sum, file) => sum + lstatSync(file).size, 0);
