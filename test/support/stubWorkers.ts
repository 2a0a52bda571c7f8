/** A folder with worker scripts that say that they are ready and go on saying so, for tests of an installation's processes. */
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../config/projectRoot';

/** The word that a worker says every few seconds, in the table where `pam status` looks for it. */
const heartbeat = `
const { Client } = require(${JSON.stringify(require.resolve('pg'))});
const { hostname } = require('node:os');
const say = async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  client.on('error', () => {});
  await client.connect();
  await client.query(
    \`INSERT INTO pam.workers VALUES ($1, 'stub', $2, $3, 'pam', clock_timestamp(), clock_timestamp())
     ON CONFLICT (identity) DO UPDATE SET seen_at = clock_timestamp()\`,
    [hostname() + process.pid, hostname(), process.pid],
  );
  await client.end();
};
`;

export const readyScript = `${heartbeat}
say().then(() => {
  console.log(JSON.stringify({ msg: 'ready' }));
  setInterval(() => say().catch(() => {}), 1000);
});`;

export function stubWorkers(folder: string, allocation = readyScript, training = readyScript): string {
  const workers = mkdtempSync(join(folder, 'workers-'));
  writeFileSync(join(workers, 'allocation.js'), allocation);
  writeFileSync(join(workers, 'training.js'), training);
  // The proxy needs the real one: without it there is no listener.
  symlinkSync(join(projectRoot(), 'dist', 'workers', 'discovery.js'), join(workers, 'discovery.js'));
  return workers;
}
