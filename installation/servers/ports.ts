/** Ports: a free one leaves, the one in an address, or whether something answers at one. */
import { connect, createServer } from 'node:net';

/** A port of `host` that nobody listens at now; `preferred` where that is free. */
export async function freePort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  return (
    (preferred === 0 ? null : await tryPort(preferred, host)) ?? (await tryPort(0, host)) ?? freePort(0, host)
  );
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

/** True when something accepts a connection at host:port within `timeoutMs`. */
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

/** The port of `host:port` or a URL; 0 when there is none. */
export function portOf(address: string | undefined): number {
  return Number(/:(\d+)(?:\/|$)/.exec(address ?? '')?.[1] ?? 0);
}
