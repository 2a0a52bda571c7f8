/**
 * The node provider `local`: a node is a process of the machine whose worker made it, and its record is in the store, where
 * every worker sees it. A worker signals processes of its own machine only, whatever state folder they were made from.
 */
import { resolve } from 'node:path';
import { PamError } from '../../../core/errors';
import type { Policy } from '../../../core/policy/schema';
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
import { pruneNodeFolders } from './nodeFolders';
import { nodeUsers } from './nodeUser';
import { pruneNodeLogs } from './processFiles';
import { signalProcess } from './processIdentity';
import { processSettings } from './processSettings';
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
  /** `nodes.local.user` of the configuration; absent: `auto`. */
  readonly nodeUser?: string;
  /** `nodes.local.folder` of the configuration. */
  readonly nodeFolder?: string;
  /** Told once if nodes can't be kept apart from the worker. */
  readonly warn?: (what: string) => void;
  /** Of this worker: what nodes may run and know. Absent: whoever calls answers for it. */
  readonly policy?: Policy;
}

/** How often a worker says that it is there, and looks at the processes of its machine, ms: well within `silentAfterMs`. */
const lookEveryMs = 10_000;

export function createLocalProvider(options: LocalProviderOptions): NodeProvider {
  const { store, machine, now } = options;
  const stateDir = resolve(options.stateDir);
  const world = { store, machine, now };
  const users = nodeUsers(options.nodeUser);
  if (users.warning !== null) options.warn?.(users.warning);
  const folderBase = options.nodeFolder === undefined ? {} : { folderBase: options.nodeFolder };
  let lookedMs = Number.NEGATIVE_INFINITY;
  const finder = createNodeFinder({
    ...options,
    stateDir,
    nodeUsers: new Set([...users.ids, process.getuid?.() ?? 0]),
  });
  /** How nodes ended that this process has started, until that is on record. */
  const exits = new Map<string, LocalNodeEnd>();

  const endOf = ({ category, id, end }: LocalNode): LocalNodeEnd =>
    end ?? exits.get(`${category}/${id}`) ?? { atMs: now(), code: null, signal: null, said: '' };
  const onExit = (category: string, id: string, exit: Exit, said: string): void => {
    exits.set(`${category}/${id}`, { atMs: now(), ...exit, said });
  };
  /** Of a node that another process of this machine has started: how it ended nobody knows, what it wrote is in its log. */
  const endInFull = async (node: LocalNode): Promise<LocalNodeEnd> => {
    const end = endOf(node);
    if (end.said !== '' || end.code !== null || end.signal !== null) return end;
    const settings = await processSettings(node, options.policy).catch(() => null);
    // Without its secrets nobody can tell whether they are among its last words.
    return settings === null ? end : { ...end, said: lastWords(node.log, settings.secrets) };
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
        await store.ended(node.category, node.id, await endInFull(node));
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
        const started = await startNode(order, { ...options, ...folderBase, stateDir, users, onExit });
        return provided(started, 'runs', undefined);
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
      const ids = new Set(known.map(({ id }) => id));
      await pruneNodeLogs(stateDir, category, ids);
      pruneNodeFolders(stateDir, category, ids);
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
