/**
 * A target → Envoys that have it: serves aggregated, incremental discovery over gRPC to any number of proxies, and knows
 * what all of them have answered.
 */
import {
  Server,
  type ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';
import type { ConnectedProxy, TakenPool } from '../../../ports/stores/routing/routingStore';
import { type DeltaRequest, type DeltaResponse, decodeRequest, encodeResponse } from './messages';
import { ProxySession } from './proxySession';
import type { Target } from './target';

const service: ServiceDefinition = {
  DeltaAggregatedResources: {
    path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
    requestStream: true,
    responseStream: true,
    requestSerialize: () => Buffer.alloc(0),
    requestDeserialize: (bytes: Buffer) => decodeRequest(bytes),
    responseSerialize: (response: DeltaResponse) => Buffer.from(encodeResponse(response)),
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

export interface DiscoveryServerOptions {
  readonly target: Target;
  /** `unix:/path` or `host:port`. */
  readonly address: string;
  readonly credentials: ServerCredentials;
  /** Pools that every connected proxy has answered. */
  readonly onTaken: (pools: readonly TakenPool[]) => void;
  readonly onProxies: () => void;
  readonly onRefusal: (proxy: string, what: string, reason: string) => void;
  readonly now: () => number;
}

export interface DiscoveryServer {
  /** `unix:/path` or `host:port`, with the port that was taken for port 0. */
  readonly address: string;
  readonly proxies: readonly ConnectedProxy[];
  /** Proxies that connect from now on are answered: there is something to serve. Until then they wait. */
  open(): void;
  changed(pools: readonly string[]): void;
  /** Longest time that a proxy has not answered an update, ms. */
  waitingMs(): number;
  close(): Promise<void>;
}

interface Connected {
  readonly session: ProxySession;
  readonly connectedMs: number;
  readonly early: DeltaRequest[];
}

/** A proxy that hangs is found within these, ms: one that takes in a thousand categories on a busy machine is not one. */
const keepalive = { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 30_000 };

export async function serveDiscovery(options: DiscoveryServerOptions): Promise<DiscoveryServer> {
  const { target, address, credentials, onTaken, onProxies, onRefusal, now } = options;
  const connected = new Set<Connected>();
  let isOpen = false;

  /** Tells what all proxies have answered of these pools. */
  const answered = (pools: readonly string[]): void => {
    if (connected.size === 0) return;
    const sessions = [...connected].map(({ session }) => session);
    onTaken(
      pools.flatMap((name) => {
        const pool = target.pools.get(name);
        if (pool === undefined || !sessions.every((session) => session.settled(pool))) return [];
        const reason = sessions.map((session) => session.refusal(pool)).find((one) => one !== null) ?? null;
        return [
          {
            pool: name,
            version: pool.version,
            refused: reason === null ? null : { version: pool.version, reason },
          },
        ];
      }),
    );
  };

  const server = new Server({
    ...keepalive,
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
  });
  server.addService(service, {
    DeltaAggregatedResources(stream: ServerDuplexStream<DeltaRequest, DeltaResponse>): void {
      const session = new ProxySession({
        target,
        send: (response) => stream.write(response),
        onAnswer: answered,
        onRefusal: (what, reason) => onRefusal(session.node, what, reason),
        now,
      });
      const proxy: Connected = { session, connectedMs: now(), early: [] };
      connected.add(proxy);
      stream.on('data', (request: DeltaRequest) => {
        const unknown = session.node === '';
        if (isOpen) session.receive(request);
        else proxy.early.push(request);
        if (unknown && session.node !== '') onProxies();
      });
      const end = (): void => {
        if (!connected.delete(proxy)) return;
        onProxies();
        // What waited for this one only is taken now.
        answered([...target.pools.keys()]);
      };
      stream.on('end', () => stream.end());
      stream.on('error', end);
      stream.on('cancelled', end);
      stream.on('close', end);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  }).catch((error: unknown) => {
    throw new PamError(
      'CONFLICT',
      `discovery can't listen at ${address} (${messageOf(error)}): free the address, or set PAM_DISCOVERY_LISTEN (discovery.listen) to another`,
      { cause: error },
    );
  });

  return {
    address: address.startsWith('unix:') ? address : address.replace(/:0$/, `:${port}`),
    get proxies() {
      return [...connected]
        .filter(({ session }) => session.node !== '')
        .map(({ session, connectedMs }) => ({ node: session.node, connectedMs }));
    },
    open() {
      isOpen = true;
      for (const { session, early } of connected)
        for (const request of early.splice(0)) session.receive(request);
      onProxies();
    },
    changed(pools) {
      if (!isOpen) return;
      for (const { session } of connected) session.changed(pools);
    },
    waitingMs: () => Math.max(0, ...[...connected].map(({ session }) => session.waitingMs())),
    close: () =>
      new Promise((resolve) => {
        server.forceShutdown();
        resolve();
      }),
  };
}
