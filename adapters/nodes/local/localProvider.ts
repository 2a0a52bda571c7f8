/**
 * The node provider `local`: a node is a process of the machine whose worker made it, and its record is in the store, where
 * every worker sees it. A worker signals processes of its own machine only, whatever state folder they were made from.
 */
import { resolve } from 'node:path';
import { PamError } from '../../../core/errors';
import type { Now } from '../../../ports/clock';
import { nodeTags, orderOf } from '../../../ports/nodeOrder';
import type { NodeProvider, ProvidedNode } from '../../../ports/nodeProvider';
import type {
  ListedLocalNode,
  LocalNode,
  LocalNodeEnd,
  LocalNodeStore,
} from '../../../ports/stores/nodes/localNodeStore';
import { beginDrain, finishDrains, nodeRuns, processesOf, silentAfterMs } from './endNode';
import { createNodeFinder } from './findNodes';
import { nodeLogPath, pruneNodeLogs } from './processFiles';
import { signalProcess } from './processIdentity';
import { settingsOf } from './settings';
import { type Exit, lastWords, startNode } from './startNode';

export interface LocalProviderOptions {
  /** Folder of this worker: its nodes carry it in their environment and write their logs there. */
  readonly stateDir: string;
  readonly store: LocalNodeStore;
  /** Identity of this machine, see `thisMachine`. */
  readonly machine: string;
  readonly now: Now;
  /** Uniform in [0, 1), for the choice of ports. */
  readonly random: () => number;
  /** Compiled built-in node, where it is not at its usual place. */
  readonly builtInNode?: string;
  /** Ids of the users that nodes run as; absent: this process's own. */
  readonly nodeUsers?: ReadonlySet<number>;
}

/** How often a worker says that it is there, and looks at the processes of its machine, ms: well within `silentAfterMs`. */
const lookEveryMs = 10_000;

export function createLocalProvider(options: LocalProviderOptions): NodeProvider {
  const { store, machine, now } = options;
  const stateDir = resolve(options.stateDir);
  const world = { store, machine, now };
  let lookedMs = Number.NEGATIVE_INFINITY;
  const finder = createNodeFinder({ ...options, stateDir });
  /** How nodes ended that this process has started, until that is on record. */
  const exits = new Map<string, LocalNodeEnd>();

  const endOf = ({ category, id, log, end }: LocalNode): LocalNodeEnd =>
    end ?? exits.get(`${category}/${id}`) ?? { atMs: now(), code: null, signal: null, said: lastWords(log) };
  const onExit = (category: string, id: string, exit: Exit): void => {
    const log = nodeLogPath(stateDir, category, id);
    exits.set(`${category}/${id}`, { atMs: now(), ...exit, said: lastWords(log) });
  };

  const presenceOf = (node: ListedLocalNode): ProvidedNode['presence'] => {
    if (node.ended) return 'ended';
    if (node.machine === machine) return nodeRuns(node) ? 'runs' : 'ended';
    return node.machineSeenMs < silentAfterMs ? 'runs' : 'unknown';
  };

  const provide = (node: ListedLocalNode): ProvidedNode => {
    const presence = presenceOf(node);
    const here = node.machine === machine;
    return provided(node, presence, presence === 'ended' ? (here ? endOf(node) : node.end) : undefined);
  };

  /** Workers of other machines can't see that a process here is gone. */
  const lookAtOwn = async (): Promise<void> => {
    await store.seen(machine);
    const known = await store.onMachine(machine);
    for (const node of known)
      if (node.drainUntilMs === null && !node.ended && hasEnded(node, now()))
        await store.ended(node.category, node.id, endOf(node));
    const kept = new Set(known.map(({ category, id }) => `${category}/${id}`));
    for (const key of exits.keys()) if (!kept.has(key)) exits.delete(key);
  };

  return {
    nodes: {
      kind: 'by order',
      async make(order) {
        const known = await store.get(order.category, order.id);
        if (known !== null && known.drainUntilMs !== null)
          throw new PamError('CONFLICT', `node ${order.id}: it was given up and drains; try again`);
        if (known !== null) {
          if (presenceOf(known) !== 'ended') return provide(known);
          // Its starter was killed between spawn and record: what it left ends, and another one is started.
          if (known.machine === machine)
            for (const identity of processesOf(known)) signalProcess(identity, 'SIGKILL');
        }
        return provided(await startNode(order, { ...options, stateDir, onExit }), 'runs', undefined);
      },
      retire: (category, id, drainMs) => beginDrain(world, category, id, drainMs),
    },

    async list(category) {
      const known = await store.list(category);
      return known.filter((node) => node.drainUntilMs === null).map(provide);
    },

    async sweep(category) {
      if (Math.abs(now() - lookedMs) >= lookEveryMs) {
        lookedMs = now();
        await lookAtOwn();
      }
      return finishDrains(world, await store.draining(category));
    },

    find: (category) => finder.mend(category),
    differences: (category) => finder.look(category),

    async tidy(category) {
      const known = await store.list(category);
      await pruneNodeLogs(stateDir, category, new Set(known.map(({ id }) => id)));
    },

    async close() {},
  };
}

/** False while its process may still be being started. */
function hasEnded(node: LocalNode, nowMs: number): boolean {
  if (node.pid !== null) return !nodeRuns(node);
  return nowMs - node.createdMs > silentAfterMs && processesOf(node).length === 0;
}

function provided(
  node: LocalNode,
  presence: ProvidedNode['presence'],
  end: LocalNodeEnd | undefined,
): ProvidedNode {
  const { id, createdMs, expiresMs, host, port, pid, startTicks, machine, log } = node;
  const { healthPath, bootTimeMs } = settingsOf(node);
  return {
    ...{ id, createdMs, expiresMs, presence, bootTimeMs },
    order: orderOf(node),
    tags: { ...nodeTags(node), machine },
    endpoint: { host, port, healthPath },
    ...(end === undefined ? {} : { end }),
    facts: { pid, startTicks, machine, log },
  };
}
