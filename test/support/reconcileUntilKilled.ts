/** A child process that reconciles a pool and is there to be killed: arguments are the pool's options and the spec. */
import { createPulumiNodePool } from '../../adapters/nodes/pool/createPulumiNodePool';
import type { PoolSpec } from '../../ports/nodePool';
import { memoryRoutingTable } from './memoryRoutingTable';

interface Orders {
  readonly stateDir: string;
  readonly builtInNode: string;
  readonly pulumiBinary: string;
  readonly spec: PoolSpec;
}

async function main(orders: Orders): Promise<void> {
  const pool = await createPulumiNodePool({ ...orders, routing: memoryRoutingTable(), now: Date.now });
  await pool.reconcile(orders.spec);
  await pool.close();
}

main(JSON.parse(process.argv[2] ?? '') as Orders).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
