/**
 * A port for a node: below the range that the kernel hands to outgoing connections, taken by no recorded node, and
 * free when asked. What still goes wrong shows as EADDRINUSE of the node; its starter then tries another port.
 */
import { createServer } from 'node:net';
import { PamError } from '../../../core/errors';

/** Linux hands out 32768 and above, macOS and Windows 49152 and above. */
const firstPort = 18_000;
const lastPort = 32_000;

/** Ports that this process gave out and that are not yet in a record: concurrent starts must not share one. */
const promised = new Map<number, NodeJS.Timeout>();
const promiseMs = 10_000;

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A free TCP port on `host` that is not in `taken`.
 * @param random uniform in [0, 1): where the search starts, so that installations on one machine rarely meet.
 * @throws PamError UNAVAILABLE when every port of the range is in use.
 */
export async function freePort(
  host: string,
  taken: ReadonlySet<number>,
  random: () => number,
): Promise<number> {
  const count = lastPort - firstPort;
  const start = Math.floor(random() * count);
  for (let step = 0; step < count; step += 1) {
    const port = firstPort + ((start + step) % count);
    if (taken.has(port) || promised.has(port)) continue;
    // Promised before the first await: another start must not choose it while this one probes.
    promised.set(port, setTimeout(() => promised.delete(port), promiseMs).unref());
    if (await canListen(host, port)) return port;
  }
  throw new PamError(
    'UNAVAILABLE',
    `no free port for a node between ${firstPort} and ${lastPort} on ${host}`,
  );
}
