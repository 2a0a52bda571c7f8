/** A version of a pool → a promise that resolves when every proxy that is connected to a live discovery process has taken it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PamError } from '../../core/errors';
import type { ConnectedProxy, RoutingStore } from '../../ports/stores/routing/routingStore';

/** In case a notice is lost, ms. */
const askEveryMs = 250;
/** A proxy that was there a moment ago may still send requests to what is removed, ms. */
const awaitedMs = 2_000;

export interface TakenWaiter {
  /**
   * `gone`: something was removed. Then a proxy that was there a moment ago is waited for: it may still send requests to
   * what is removed. `unchanged`: nothing changed; what the proxies have said counts, and nobody needs to be there.
   * @throws PamError REJECTED if a proxy refused the version; UNAVAILABLE if there is no discovery process, or a proxy does
   * not answer. The row is there all the same, and is taken later.
   */
  taken(pool: string, version: number, what: 'there' | 'gone' | 'unchanged'): Promise<void>;
  close(): Promise<void>;
}

type Answers = Awaited<ReturnType<RoutingStore['taken']>>;

/** A discovery process that was killed seems to have its proxies for some seconds more: the one they went to has them. */
function isLatest({ node, connectedMs }: ConnectedProxy, live: Answers): boolean {
  return live.every(({ discovery }) =>
    discovery.proxies.every((other) => other.node !== node || other.connectedMs <= connectedMs),
  );
}

/** Proxies of discovery processes that are gone, and that no other has now. */
function lost(answers: Answers): string[] {
  const nodes = (live: boolean) =>
    answers
      .filter(({ discovery }) => discovery.live === live)
      .flatMap(({ discovery }) => discovery.proxies.map(({ node }) => node));
  const connected = new Set(nodes(true));
  return nodes(false).filter((node) => !connected.has(node));
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
        const live = answers.filter(({ discovery }) => discovery.live);
        const asked = live.filter(({ discovery }) =>
          discovery.proxies.some((proxy) => isLatest(proxy, live)),
        );
        const refused = asked.flatMap(({ taken }) =>
          taken?.refused?.version === version ? taken.refused.reason : [],
        )[0];
        if (refused !== undefined)
          throw new PamError(
            'REJECTED',
            `the proxy refused what "${pool}" asks for, and goes on with what it accepted before: ${refused}`,
          );
        const waitedMs = Date.now() - started;
        const missing = what === 'gone' ? lost(answers) : [];
        const answered = asked.every(({ taken }) => (taken?.version ?? 0) >= version);
        const heardAll = asked.length > 0 || what !== 'gone' || waitedMs > awaitedMs;
        if (live.length > 0 ? answered && heardAll && missing.length === 0 : what === 'unchanged') return;
        if (waitedMs > withinMs)
          throw new PamError(
            'UNAVAILABLE',
            notTaken(pool, withinMs, live.length > 0, [
              ...missing,
              ...asked.flatMap(({ discovery }) => discovery.proxies.map(({ node }) => node)),
            ]),
          );
        await heard;
      }
    },
    close: async () => {
      await watch?.close();
    },
  };
}

function notTaken(pool: string, withinMs: number, someoneThere: boolean, nodes: readonly string[]): string {
  return someoneThere
    ? `the proxy has not taken a change of "${pool}" within ${withinMs} ms (${nodes.join(', ')}); it is noted, and is done when the proxy answers`
    : `no discovery process is there to tell the proxy of "${pool}": is "pam discovery" running? What was asked is noted, and is done when it is back`;
}
