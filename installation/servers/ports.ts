/** A port that is free, the port of an address, and whether something answers at a port. */
import { connect, createServer } from 'node:net';

/** A free port of `host`; `preferred` if that one is free. */
export async function findPort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  return (
    (preferred === 0 ? null : await tryPort(preferred, host)) ?? (await tryPort(0, host)) ?? findPort(0, host)
  );
}

/**
 * Ports above 1024 that browsers never connect to, whatever a page asks for: https://fetch.spec.whatwg.org/#port-blocking.
 * What has no login of its own and need not be opened in a browser is out of the reach of web pages there.
 */
export const portsClosedToBrowsers: readonly number[] = [
  ...[6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 3659, 4045],
  ...[4190, 5060, 5061, 1719, 1720, 1723, 10_080, 2049, 6000],
];

/** A free one of these ports that is not in `taken`, `preferred` if it is one of them; null if all are in use. */
export async function findPortClosedToBrowsers(
  preferred = 0,
  taken: readonly number[] = [],
): Promise<number | null> {
  const known = portsClosedToBrowsers.includes(preferred) ? [preferred] : [];
  // Installations that start at the same time begin at different places, each with some ports to itself.
  const first = (process.pid * 7) % portsClosedToBrowsers.length;
  const others = [...portsClosedToBrowsers.slice(first), ...portsClosedToBrowsers.slice(0, first)];
  for (const port of [...known, ...others])
    if (!taken.includes(port) && (await tryPort(port, '127.0.0.1')) !== null) return port;
  return null;
}

function tryPort(port: number, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

/** Whether something accepts a connection at host:port within `timeoutMs`. */
export function answers(host: string, port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

/** The port of `host:port` or of a URL; 0 if it has none. */
export function portOf(address: string | undefined): number {
  return Number(/:(\d+)(?:\/|$)/.exec(address ?? '')?.[1] ?? 0);
}
