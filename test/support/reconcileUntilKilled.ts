/** A child process that reconciles a pool and is there to be killed: arguments are the pool's options and the spec. */
import { openNodePool } from '../../adapters/nodes';
import { openDatabase } from '../../adapters/postgres';
import type { PoolSpec } from '../../ports/nodePool';
import { processIdentity } from '../../workers/identity';
import { memoryRoutingTable } from './memoryRoutingTable';

interface Orders {
  readonly stateDir: string;
  readonly builtInNode: string;
  readonly pulumiBinary: string;
  readonly databaseUrl: string;
  readonly spec: PoolSpec;
}

async function main({ databaseUrl, spec, ...options }: Orders): Promise<void> {
  const database = await openDatabase({ url: databaseUrl });
  const pool = await openNodePool({
    ...{ ...options, ...database },
    holder: processIdentity(),
    routing: memoryRoutingTable(),
    now: Date.now,
  });
  await pool.reconcile(spec);
  await pool.close();
  await database.close();
}

main(JSON.parse(process.argv[2] ?? '') as Orders).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
