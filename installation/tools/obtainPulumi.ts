/** The pinned module in tools/pulumi enters, the Pulumi CLI built from it leaves: no package registry ships it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../config/projectRoot';
import { runStep } from './runStep';
import type { Report, ToolSpecification } from './specification';
import { onPath } from './toolPlaces';

/** Packages that the build compiles, about; only for the progress line. */
const packagesToCompile = 1_700;

/** Builds `<folder>/pulumi`. Resolves to null on success, else to why it did not work. Modules are checked by go.sum. */
export async function obtainPulumi(
  tool: ToolSpecification,
  folder: string,
  env: NodeJS.ProcessEnv,
  report: Report,
): Promise<string | null> {
  if (tool.source.kind !== 'go') throw new Error(`${tool.name} is not built with Go`);
  if (onPath('go', env).length === 0) return 'there is no go on PATH';
  report(`pulumi ${tool.version}: building it from source with Go, once; takes 4 to 10 minutes`);
  mkdirSync(folder, { recursive: true });
  const began = Date.now();
  let compiled = 0;
  const alive = setInterval(() => {
    const seconds = Math.round((Date.now() - began) / 1_000);
    report(
      compiled === 0
        ? `pulumi: ${seconds} s, fetching modules`
        : `pulumi: ${seconds} s, ${compiled} of about ${packagesToCompile} packages compiled`,
    );
  }, 10_000);
  try {
    const version = `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${tool.version}`;
    const { code, tail } = await runStep(
      'go',
      [
        ...['build', '-v', '-mod=readonly', '-trimpath', '-ldflags', `-s -w -X ${version}`],
        ...['-o', join(folder, 'pulumi'), tool.source.module],
      ],
      {
        cwd: join(projectRoot(), 'tools', 'pulumi'),
        env: { ...env, CGO_ENABLED: '0' },
        onLine: (line) => {
          if (!line.startsWith('go: ')) compiled++;
        },
      },
    );
    return code === 0 ? null : `go build: ${tail.trim().split('\n').slice(-3).join(' ')}`;
  } finally {
    clearInterval(alive);
  }
}
