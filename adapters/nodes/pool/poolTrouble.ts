/** What happened to a pool's nodes → what its next plan must allow for; ends are put on record on the way. */
import { crashLoop, crashWindowMs } from '../../../core/capacity/crashLoop';
import type { Now } from '../../../ports/clock';
import type { NodeOrder } from '../../../ports/nodeOrder';
import type { NodeEnd, PoolFinding, ProvidedNode } from '../../../ports/nodeProvider';
import type { PoolTroubleStore } from '../../../ports/stores/nodes/poolTroubleStore';
import { madeAs } from './madeAs';
import type { PoolTrouble } from './poolPlan';

/** After a repair the pool is changed with care for this long, ms. */
const careAfterRepairMs = 600_000;

export interface PoolTroubles {
  /** Of a pool whose nodes are made from `making` now; records those of `listed` that have ended. */
  of(
    category: string,
    listed: readonly ProvidedNode[],
    making: Pick<NodeOrder, 'template' | 'settings'>,
  ): Promise<PoolTrouble>;
  /** A node ended while it was being made. */
  ended(order: NodeOrder, end: NodeEnd): Promise<void>;
  /** Says what was mended: in the log, and for the next decisions. */
  mended(findings: readonly Pick<PoolFinding, 'category' | 'what'>[]): Promise<void>;
}

export function createPoolTroubles(
  store: PoolTroubleStore,
  now: Now,
  report: (line: string) => void,
): PoolTroubles {
  const ended: PoolTroubles['ended'] = async (order, { atMs, code, signal, said }) => {
    await store.ended({
      ...{ category: order.category, id: order.id, createdMs: order.createdMs, endedMs: atMs },
      ...{ madeAs: madeAs(order), exitCode: code, exitSignal: signal, said },
    });
  };
  return {
    ended,
    async of(category, listed, making) {
      const nowMs = now();
      for (const { presence, order, end } of listed)
        if (presence === 'ended' && order !== null)
          await ended(order, end ?? { atMs: nowMs, code: null, signal: null, said: '' });
      const [ends, repairs] = await Promise.all([
        store.endsSince(category, nowMs - crashWindowMs),
        store.repairsSince(category, nowMs - careAfterRepairMs),
      ]);
      // Who stopped a node while no worker was there did so on purpose, as far as anyone knows.
      const seen = ends.filter(({ exitCode, exitSignal }) => exitCode !== null || exitSignal !== null);
      const { bootTimeMs: configured } = making.settings;
      const boots = [
        typeof configured === 'number' ? configured : 0,
        ...listed.map((node) => node.bootTimeMs),
      ];
      const bootTimeMs = Math.max(...boots);
      const loop = crashLoop(seen, nowMs, { madeAs: madeAs(making), bootTimeMs });
      return { nextTryMs: loop?.nextTryMs ?? 0, recovering: repairs.length > 0 };
    },
    async mended(findings) {
      for (const { category, what } of findings) {
        report(`nodes of "${category}": ${what}`);
        await store.repaired(category, what, now());
      }
    },
  };
}
