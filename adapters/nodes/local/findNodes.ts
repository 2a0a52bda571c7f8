/**
 * The processes on this machine that are nodes of this state folder, compared with their records: one that no record tells
 * of gets its record back, so that the pool keeps it or lets it drain; one that is there twice, and what a node that ended
 * has left running, is ended.
 */
import { resolve } from 'node:path';
import type { Now } from '../../../ports/clock';
import type { PoolFinding } from '../../../ports/nodeProvider';
import type { ListedLocalNode, LocalNodeStore } from '../../../ports/stores/nodes/localNodeStore';
import { silentAfterMs } from './endNode';
import { type MarkedProcess, markedProcesses } from './nodeMark';
import { nodeLogPath } from './processFiles';
import { isRunning, type ProcessIdentity, signalProcess } from './processIdentity';

export interface FindingWorld {
  readonly store: Pick<LocalNodeStore, 'list' | 'found'>;
  readonly machine: string;
  readonly stateDir: string;
  readonly now: Now;
  /** Ids of the users that nodes run as; absent: this process's own. */
  readonly nodeUsers?: ReadonlySet<number>;
}

export interface NodeFinder {
  /** Mends what it finds, of one category or all. */
  mend(category?: string): Promise<PoolFinding[]>;
  /** What it would find, nothing changed. */
  look(category?: string): Promise<PoolFinding[]>;
}

const keyOf = ({ category, id }: { readonly category: string; readonly id: string }): string =>
  `${category}/${id}`;

type Verdict = 'known' | 'unrecorded' | 'other process' | 'left over' | 'being started';

/** @param rows by `keyOf`, read after the process was seen: a record is made before its process. */
function verdictOn(
  { identity, leads, ...node }: MarkedProcess,
  rows: ReadonlyMap<string, ListedLocalNode>,
  led: ReadonlySet<string>,
  { machine, now }: FindingWorld,
): Verdict {
  const row = rows.get(keyOf(node));
  if (!leads) return row !== undefined || led.has(keyOf(node)) ? 'known' : 'left over';
  if (row === undefined) return 'unrecorded';
  if (row.machine !== machine) return 'unrecorded';
  if (row.pid === identity.pid && row.startTicks === identity.startTicks)
    return row.ended ? 'unrecorded' : 'known';
  if (row.pid === null || row.startTicks === null)
    return Math.abs(now() - row.createdMs) < silentAfterMs ? 'being started' : 'unrecorded';
  return isRunning({ pid: row.pid, startTicks: row.startTicks }) ? 'other process' : 'unrecorded';
}

export function createNodeFinder(world: FindingWorld): NodeFinder {
  const stateDir = resolve(world.stateDir);
  /** Processes that were asked to end, and until when they may take, ms. */
  const ending = new Map<string, number>();

  const end = ({ pid, startTicks }: ProcessIdentity, drainMs: number): void => {
    const key = `${pid}:${startTicks}`;
    const untilMs = ending.get(key);
    if (untilMs === undefined) {
      ending.set(key, world.now() + drainMs);
      signalProcess({ pid, startTicks }, 'SIGTERM');
    } else if (world.now() >= untilMs) signalProcess({ pid, startTicks }, 'SIGKILL');
  };

  const judged = async (category: string | undefined) => {
    const marked = markedProcesses(stateDir, world.now(), world.nodeUsers).filter(
      (process) => category === undefined || process.category === category,
    );
    if (marked.length === 0) return [];
    const rows = new Map((await world.store.list(category)).map((row) => [keyOf(row), row]));
    const led = new Set(marked.filter(({ leads }) => leads).map(keyOf));
    return marked
      .map((process) => ({ process, verdict: verdictOn(process, rows, led, world) }))
      .filter(({ process, verdict }) => verdict !== 'known' && isRunning(process.identity));
  };

  const inWords = ({ id, identity }: MarkedProcess, verdict: Verdict): string =>
    verdict === 'unrecorded'
      ? `node ${id} (pid ${identity.pid}) runs and no record told of it`
      : verdict === 'other process'
        ? `node ${id} runs twice: pid ${identity.pid} is not the one on record`
        : `pid ${identity.pid} is what node ${id}, which has ended, left running`;

  return {
    async look(category) {
      return (await judged(category))
        .filter(({ verdict }) => verdict !== 'being started')
        .map(({ process, verdict }) => ({
          category: process.category,
          id: process.id,
          what: inWords(process, verdict),
        }));
    },

    async mend(category) {
      const findings: PoolFinding[] = [];
      for (const { process, verdict } of await judged(category)) {
        if (verdict === 'being started') continue;
        const { identity, order, host, port } = process;
        const what = inWords(process, verdict);
        if (verdict === 'unrecorded') {
          await world.store.found({
            ...order,
            ...{ category: process.category, id: process.id, machine: world.machine, stateDir, host, port },
            log: nodeLogPath(stateDir, process.category, process.id),
            ...{ pid: identity.pid, startTicks: identity.startTicks },
            ...{ drainUntilMs: null, asked: false, ended: false },
          });
          findings.push({
            category: process.category,
            id: process.id,
            what: `${what}: it is on record again`,
          });
        } else {
          const told = ending.has(`${identity.pid}:${identity.startTicks}`);
          end(identity, order.template.drainMs);
          if (!told)
            findings.push({ category: process.category, id: process.id, what: `${what}: it is ended` });
        }
      }
      for (const key of ending.keys()) {
        const [pid = 0, startTicks = 0] = key.split(':').map(Number);
        if (!isRunning({ pid, startTicks })) ending.delete(key);
      }
      return findings;
    },
  };
}
