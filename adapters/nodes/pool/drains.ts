/** Drains carried on: what is due ends, whoever gave it up; a caller may wait for those of one category. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Now } from '../../../ports/clock';
import type { PoolCall } from '../../../ports/nodePool';
import type { NodeProvider, PoolFinding } from '../../../ports/nodeProvider';

/** Pause between two looks while something drains, and while nothing is known to, ms: others give nodes up too. */
const drainCheckMs = 250;
const sweepEveryMs = 2_000;
/** Pause between two looks of a caller that waits, ms. */
const waitCheckMs = 100;
/** Sign of life of a wait, ms. */
const tellEveryMs = 3_000;

export interface Drains {
  /** Something was given up: look at once. */
  wake(): void;
  stop(): Promise<void>;
}

/** Looks after all drains of `providers` until it is stopped. */
export function sweepRegularly(providers: readonly NodeProvider[]): Drains {
  let pause = new AbortController();
  let stopped = false;
  const sweep = async (provider: NodeProvider): Promise<void> => {
    while (!stopped) {
      const { signal } = pause;
      // What tells of them may be away: the next look is soon.
      const left = await provider.sweep().catch(() => 0);
      const pauseMs = left > 0 ? drainCheckMs : sweepEveryMs;
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  const running = providers.map(sweep);
  const wake = (): void => {
    const last = pause;
    pause = new AbortController();
    last.abort();
  };
  return {
    wake,
    async stop() {
      stopped = true;
      wake();
      await Promise.all(running);
    },
  };
}

/** How often nodes that no record tells of are looked for, ms. */
const searchEveryMs = 10_000;

/** Looks for nodes that no record tells of until it is stopped. */
export function searchRegularly(
  providers: readonly NodeProvider[],
  mended: (findings: readonly PoolFinding[]) => Promise<void>,
): Pick<Drains, 'stop'> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const search = async (provider: NodeProvider): Promise<void> => {
    while (!signal.aborted) {
      await sleep(searchEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      // The store may be away: the next search is soon.
      await Promise.resolve(provider.find?.())
        .then((found) => mended(found ?? []))
        .catch(() => undefined);
    }
  };
  const running = providers.filter(({ find }) => find !== undefined).map(search);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** Resolves when no node of the category drains any more, of those that can be waited for. */
export async function drained(
  providers: readonly NodeProvider[],
  now: Now,
  category: string,
  call: PoolCall | undefined,
): Promise<void> {
  let toldMs = now();
  for (;;) {
    const counts = await Promise.all(providers.map((provider) => provider.sweep(category)));
    const left = counts.reduce((sum, count) => sum + count, 0);
    if (left === 0) return;
    call?.signal?.throwIfAborted();
    if (now() - toldMs >= tellEveryMs) {
      toldMs = now();
      call?.progress?.(`${left} nodes finish what they have begun`);
    }
    await sleep(waitCheckMs);
  }
}
