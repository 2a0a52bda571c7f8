/**
 * The routing store and a snapshot → proxies that have what is declared. It follows the store’s changes, keeps what it served
 * last on disk, and writes down what the proxies have answered. While the store is gone it serves what it has.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerCredentials } from '@grpc/grpc-js';
import { messageOf } from '../../../core/thrown';
import type { RoutingChanges, RoutingStore, TakenPool } from '../../../ports/stores/routing/routingStore';
import { type DiscoveryServer, serveDiscovery } from './discoveryServer';
import { readSnapshot, writeSnapshot } from './snapshotFile';
import { Target } from './target';

export interface DiscoveryLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface DiscoveryOptions {
  readonly store: RoutingStore;
  /** Identity of this process, that of no other. */
  readonly id: string;
  readonly snapshotFile: string;
  /** `unix:/path` or `host:port`. */
  readonly address: string;
  readonly credentials: ServerCredentials;
  readonly log: DiscoveryLog;
  readonly now: () => number;
  /** How often it looks for what no notice told it, ms. */
  readonly lookEveryMs?: number;
}

export interface Discovery {
  readonly address: string;
  /** Resolves when it has something to serve: a snapshot, or what the database says. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

const usualLookMs = 3_000;
/** Snapshots are at least this far apart, ms. */
const snapshotEveryMs = 500;
const slowProxyMs = 30_000;

export async function runDiscovery(options: DiscoveryOptions): Promise<Discovery> {
  const { store, id, snapshotFile, address, credentials, log, now } = options;
  const target = new Target();
  const stopped = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: stopped.signal }).catch(() => undefined);
  let read: { readonly epoch: string; readonly version: number } | null = null;
  let complaint = '';
  let opened = false;
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });

  /** What no proxy's answer has been written down for yet, by pool. */
  const unwritten = new Map<string, TakenPool>();
  const writing = turns(async () => {
    if (unwritten.size === 0) return;
    const some = [...unwritten.values()];
    unwritten.clear();
    try {
      await store.took(id, some);
    } catch (error) {
      for (const one of some) if (!unwritten.has(one.pool)) unwritten.set(one.pool, one);
      throw error;
    }
  });
  const presence = turns(async () => {
    if (stopped.signal.aborted) return;
    await store.present(id, server.proxies);
    writing.wake();
  });
  const saving = turns(async () => {
    if (read === null) return;
    if (target.pools.size > 0) writeSnapshot(snapshotFile, { ...read, pools: [...target.routed] });
    await pause(snapshotEveryMs);
  });

  const server: DiscoveryServer = await serveDiscovery({
    target,
    address,
    credentials,
    onTaken: (pools) => {
      for (const pool of pools) unwritten.set(pool.pool, pool);
      writing.wake();
    },
    onProxies: () => presence.wake(),
    onRefusal: (proxy, what, reason) =>
      log.warn({ proxy, reason }, `the proxy refused the ${what}; it keeps what it accepted before`),
    now,
  });

  const open = (): void => {
    if (opened) return;
    opened = true;
    server.open();
    ready();
  };

  const take = (changes: RoutingChanges): void => {
    const { epoch, version, whole, pools } = changes;
    // A new, empty database must not take the routes of a proxy away that serves: something is written soon.
    if (whole && pools.length === 0 && version === 0 && [...target.routed].length > 0) {
      complain('the database is new and empty: what was served last is served on');
      return;
    }
    read = { epoch, version };
    if (whole || pools.length > 0) {
      server.changed(target.apply({ whole, pools }));
      saving.wake();
    }
    open();
  };

  function complain(what: string): void {
    if (what !== complaint) log.warn({}, what);
    complaint = what;
  }

  const reading = turns(async () => {
    try {
      take(await store.changes(read));
      if (complaint.startsWith('could not')) log.info({}, 'the database answers again');
      complaint = complaint.startsWith('could not') ? '' : complaint;
    } catch (error) {
      complain(messageOf(error));
    }
  });

  const snapshot = readSnapshot(snapshotFile, (aside, reason) =>
    log.warn({ reason }, `the snapshot was broken: it is ${aside} now, and the database is asked`),
  );
  if (snapshot !== null) {
    target.apply({ whole: true, pools: snapshot.pools });
    read = { epoch: snapshot.epoch, version: snapshot.version };
    // The database gets a moment to say what is new; without it the proxies are served what there is.
    void pause(1_000).then(open);
  }

  const watch = store.watch('declared', () => reading.wake());
  reading.wake();
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      await pause(options.lookEveryMs ?? usualLookMs);
      if (stopped.signal.aborted) return;
      reading.wake();
      presence.wake();
      if (!existsSync(snapshotFile)) saving.wake();
      const retimed = target.retime();
      if (retimed.length > 0) server.changed(retimed);
      if (server.waitingMs() > slowProxyMs) complain('a proxy has not answered an update for 30 s');
    }
  })();

  return {
    address: server.address,
    ready: isReady,
    async close() {
      stopped.abort();
      await Promise.all([looking, watch.close(), server.close()]);
      await Promise.all([reading, writing, presence, saving].map((one) => one.idle()));
      await store.absent(id).catch(() => undefined);
    },
  };
}

/** Work that is asked for any number of times while it runs is done once more after it. A failure waits for the next call. */
function turns(work: () => Promise<void>): { wake(): void; idle(): Promise<void> } {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      await work().catch(() => undefined);
    } while (again);
    running = null;
  };
  return {
    wake() {
      again = true;
      running ??= run();
    },
    idle: () => running ?? Promise.resolve(),
  };
}
