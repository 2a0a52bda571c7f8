/** The address of a server in, one that leads to it and can be cut out: for tests of a network that fails. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttableServer {
  /** The URL given, by way of this server. */
  readonly url: string;
  /** Ends every connection; new ones are ended at once until `mend`. */
  cut(): void;
  /** Connections stay open and nothing passes any more, as when a machine vanishes; until `cut`. */
  freeze(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function startCuttableServer(url: string): Promise<CuttableServer> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let passes = true;
  const server = createServer((incoming) => {
    if (!passes) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here = new URL(url);
  here.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = (): void => {
    passes = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: here.toString(),
    cut,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend() {
      passes = true;
    },
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
