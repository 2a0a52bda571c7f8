/** What the nodes themselves say of their load, over HTTP; a node that does not speak of it (another command) is null. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { Endpoint } from '../../../ports/routingTable';

const timeoutMs = 500;

const answer = z.object({
  /** Cumulative node-seconds in which a slot was busy. */
  busySlotSeconds: z.number().min(0),
  concurrency: z.number().min(1),
  inFlight: z.number().min(0),
  served: z.number().min(0),
});
export type NodeLoad = z.infer<typeof answer>;

const agent = new Agent({ connections: 2, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });

/** `GET /load` of each endpoint, all at once. */
export async function readLoads(
  endpoints: readonly Endpoint[],
): Promise<ReadonlyMap<string, NodeLoad | null>> {
  const loads = await Promise.all(
    endpoints.map(async ({ id, host, port }): Promise<[string, NodeLoad | null]> => {
      try {
        const { statusCode, body } = await request(`http://${host}:${port}/load`, {
          dispatcher: agent,
          signal: AbortSignal.timeout(timeoutMs),
        });
        const parsed = answer.safeParse(JSON.parse(await body.text()));
        return [id, statusCode === 200 && parsed.success ? parsed.data : null];
      } catch {
        return [id, null];
      }
    }),
  );
  return new Map(loads);
}

/** How a pool was used between two readings of its nodes. */
export interface PoolUse {
  readonly busySeconds: number;
  readonly served: number;
  /** Node-seconds that were there to be used. */
  readonly capacitySeconds: number;
}

/** null when no node says anything. A node that was not there before counts from its start. */
export function poolUse(
  before: ReadonlyMap<string, NodeLoad | null>,
  now: ReadonlyMap<string, NodeLoad | null>,
  elapsedMs: number,
): PoolUse | null {
  const use = { busySeconds: 0, served: 0, capacitySeconds: 0 };
  let spoke = false;
  for (const [id, load] of now) {
    if (load === null) continue;
    spoke = true;
    const earlier = before.get(id) ?? { busySlotSeconds: 0, served: 0 };
    use.busySeconds += Math.max(0, load.busySlotSeconds - earlier.busySlotSeconds);
    use.served += Math.max(0, load.served - earlier.served);
    use.capacitySeconds += load.concurrency * (elapsedMs / 1_000);
  }
  return spoke ? use : null;
}
