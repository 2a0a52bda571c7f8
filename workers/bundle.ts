/** Bundles the workflows once at build time, so that a worker starts without webpack. `node dist/workers/bundle.js` */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';
import { dataConverter, type Encryption } from '../adapters/temporal/encryption/dataConverter';

export const workflowsPath = join(__dirname, '..', 'workflows', 'index');
const bundlePath = join(__dirname, '..', 'workflow-bundle.js');

/** The prebuilt bundle where there is one, else the sources (bundled when the worker starts). */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  return existsSync(bundlePath)
    ? { workflowBundle: { codePath: bundlePath } }
    : { workflowsPath: require.resolve(workflowsPath) };
}

/**
 * What a worker runs and how its payloads are written. The prebuilt bundle writes failures in plain text, so a worker that
 * encrypts bundles the workflows anew at its start.
 */
export function workerCoding(
  encryption: Encryption | undefined,
): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'dataConverter'> {
  const converter = dataConverter(encryption);
  return converter === null
    ? workflowSource()
    : { workflowsPath: require.resolve(workflowsPath), dataConverter: converter };
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
