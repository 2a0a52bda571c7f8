/** What the nodes themselves say of their load, over HTTP; a node that does not speak of it (another command) is left out. */
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { NodeLoad, NodeLoads } from '../../../core/demand/nodeUse';
import type { Endpoint } from '../../../ports/routingTable';

const timeoutMs = 500;

const answer = z.object({
  /** Cumulative node-seconds in which a slot was busy. */
  busySlotSeconds: z.number().min(0),
  concurrency: z.number().min(1),
  served: z.number().min(0),
});

const agent = new Agent({ connections: 2, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });

/** `GET /load` of each endpoint, all at once. */
export async function readLoads(endpoints: readonly Endpoint[]): Promise<NodeLoads> {
  const loads = await Promise.all(
    endpoints.map(async ({ id, host, port }): Promise<[string, NodeLoad][]> => {
      try {
        const { statusCode, body } = await request(`http://${host}:${port}/load`, {
          dispatcher: agent,
          signal: AbortSignal.timeout(timeoutMs),
        });
        const parsed = answer.safeParse(JSON.parse(await body.text()));
        return statusCode === 200 && parsed.success ? [[id, parsed.data]] : [];
      } catch {
        return [];
      }
    }),
  );
  return Object.fromEntries(loads.flat());
}
