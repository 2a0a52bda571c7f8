/** A port that is free, the port of an address, and whether something answers at a port. */
import { connect, createServer } from 'node:net';

/** A free port of `host`; `preferred` if that one is free. */
export async function findPort(preferred = 0, host = '127.0.0.1'): Promise<number> {
  return (
    (preferred === 0 ? null : await tryPort(preferred, host)) ?? (await tryPort(0, host)) ?? findPort(0, host)
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
