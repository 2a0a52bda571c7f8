/** Bundles the workflows once at build time, so that a worker starts without webpack. `node dist/workers/bundle.js` */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';

export const workflowsPath = join(__dirname, '..', 'workflows', 'index');
const bundlePath = join(__dirname, '..', 'workflow-bundle.js');

/** The prebuilt bundle where there is one, else the sources (bundled when the worker starts). */
export function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(bundlePath)
    ? { workflowBundle: { codePath: bundlePath } }
    : { workflowsPath: require.resolve(workflowsPath) };
}

async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve(workflowsPath) });
  await writeFile(bundlePath, code);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 70;
  });
}
