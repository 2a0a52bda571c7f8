/** The cloud of the tiny provider: HTTP servers of this process by name, which all of its users see. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeOrder } from '../../../../ports/nodeOrder';

export interface TinyServer {
  readonly order: NodeOrder;
  readonly host: string;
  readonly port: number;
  /** It answers its health checks. */
  healthy: boolean;
  /** Given up: it ends at this time at the latest, ms. */
  endsMs: number | null;
  readonly inFlight: Set<object>;
  readonly server: Server;
}

export class TinyCloud {
  readonly servers = new Map<string, TinyServer>();

  async start(order: NodeOrder): Promise<TinyServer> {
    const inFlight = new Set<object>();
    const server = createServer((request, response) => {
      if (request.url === '/healthz') return void response.writeHead(one.healthy ? 200 : 503).end();
      inFlight.add(request);
      setTimeout(
        () => {
          inFlight.delete(request);
          response.writeHead(200, { connection: 'close' }).end(order.id);
        },
        Number(request.headers['x-service-ms'] ?? 1),
      );
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const one = { order, host: '127.0.0.1', port, healthy: true, endsMs: null, inFlight, server };
    this.servers.set(order.id, one);
    return one;
  }

  of(category: string): TinyServer[] {
    return [...this.servers.values()].filter(({ order }) => order.category === category);
  }

  end({ order, server }: TinyServer): void {
    server.close();
    server.closeAllConnections();
    this.servers.delete(order.id);
  }
}
