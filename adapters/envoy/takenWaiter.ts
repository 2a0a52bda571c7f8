/** A version of a pool → a promise that resolves when every proxy that is connected to a live discovery process has taken it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../core/errors';
import type { RoutingStore } from '../../ports/stores/routing/routingStore';

/** In case a notice is lost, ms. */
const askEveryMs = 250;
/** A proxy that was there a moment ago may still send requests to what is removed, ms. */
const awaitedMs = 2_000;

export interface TakenWaiter {
  /**
   * `gone`: something was removed. Then a moment is waited for a proxy if there is none: it may be about to connect again.
   * @throws PamError REJECTED if a proxy refused the version; UNAVAILABLE if there is no discovery process, or a proxy does
   * not answer. The row is there all the same, and is taken later.
   */
  taken(pool: string, version: number, what: 'there' | 'gone'): Promise<void>;
  close(): Promise<void>;
}

export function createTakenWaiter(store: RoutingStore, withinMs: number): TakenWaiter {
  let watch: { close(): Promise<void> } | null = null;
  const waiting = new Set<() => void>();

  const notice = async (): Promise<void> => {
    const ended = new AbortController();
    let wake: () => void = () => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    waiting.add(wake);
    await Promise.race([
      woken,
      sleep(askEveryMs, undefined, { signal: ended.signal }).catch(() => undefined),
    ]);
    ended.abort();
    waiting.delete(wake);
  };

  return {
    async taken(pool, version, what) {
      watch ??= store.watch('taken', () => {
        for (const wake of waiting) wake();
      });
      const started = Date.now();
      for (;;) {
        const heard = notice();
        const answers = await store.taken(pool);
        const asked = answers.filter(({ discovery }) => discovery.proxies.length > 0);
        const refused = asked.flatMap(({ taken }) =>
          taken?.refused?.version === version ? taken.refused.reason : [],
        )[0];
        if (refused !== undefined)
          throw new PamError(
            'REJECTED',
            `the proxy refused what "${pool}" asks for, and goes on with what it accepted before: ${refused}`,
          );
        const waitedMs = Date.now() - started;
        if (
          asked.length > 0
            ? asked.every(({ taken }) => (taken?.version ?? 0) >= version)
            : answers.length > 0 && (what === 'there' || waitedMs > awaitedMs)
        )
          return;
        if (waitedMs > withinMs)
          throw new PamError(
            'UNAVAILABLE',
            answers.length === 0
              ? `no discovery process is there to tell the proxy of "${pool}": is "pam discovery" running? What was asked is noted, and is done when it is back`
              : `the proxy has not taken a change of "${pool}" within ${withinMs} ms (${asked.map(({ discovery }) => discovery.proxies.map(({ node }) => node).join(', ')).join('; ')}); it is noted, and is done when the proxy answers`,
          );
        await heard;
      }
    },
    close: async () => {
      await watch?.close();
    },
  };
}
