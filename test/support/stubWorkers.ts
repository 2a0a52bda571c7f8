/** A folder with worker scripts that do nothing but say that they are ready, for tests of an installation's processes. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const readyScript = `console.log(JSON.stringify({msg: 'ready'})); setInterval(() => {}, 1000);`;

export function stubWorkers(folder: string, allocation = readyScript, training = readyScript): string {
  const workers = mkdtempSync(join(folder, 'workers-'));
  writeFileSync(join(workers, 'allocation.js'), allocation);
  writeFileSync(join(workers, 'training.js'), training);
  return workers;
}
