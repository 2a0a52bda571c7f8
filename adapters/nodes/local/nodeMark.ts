/**
 * What the process of a node says of itself, in its environment: whose it is, which node, what it was ordered as. So it is
 * found even if no record tells of it, and what it runs as is known.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type NodeOrder, orderOf } from '../../../ports/nodeOrder';
import { readProcessFile } from './processFiles';
import { groupOf, type ProcessIdentity, processesWithEnvironment, userOf } from './processIdentity';

/** The whole order as JSON; left out where it is too long for an environment: then the node's file has it. */
const orderVariable = 'PAM_NODE_ORDER';
const longestVariable = 32_768;

/** What goes into the environment of a node of this order. */
export function markOf(order: NodeOrder): Record<string, string> {
  const text = JSON.stringify(orderOf(order));
  return text.length > longestVariable ? {} : { [orderVariable]: text };
}

export interface MarkedProcess {
  readonly identity: ProcessIdentity;
  readonly category: string;
  readonly id: string;
  /** It leads the process group that PAM started; others of the same id were started by it. */
  readonly leads: boolean;
  readonly host: string;
  readonly port: number;
  readonly order: NodeOrder;
}

const orderShape = z.looseObject({
  id: z.string().min(1),
  category: z.string().min(1),
  stack: z.string(),
  createdBy: z.string(),
  createdMs: z.number(),
  expiresMs: z.number(),
  template: z.looseObject({ drainMs: z.number() }),
  settings: z.looseObject({ healthPath: z.string(), bootTimeMs: z.number() }),
});

function parsed(text: string | undefined): NodeOrder | null {
  if (text === undefined) return null;
  try {
    const read = orderShape.safeParse(JSON.parse(text));
    return read.success ? (read.data as unknown as NodeOrder) : null;
  } catch {
    return null;
  }
}

/** From the single variables: its settings are not known, so it counts as outdated and is replaced in time. */
function pieced(variables: ReadonlyMap<string, string>, nowMs: number): NodeOrder {
  const text = (name: string): string => variables.get(name) ?? '';
  const figure = (name: string, otherwise: number): number => {
    const value = Number(variables.get(name));
    return Number.isFinite(value) && value > 0 ? value : otherwise;
  };
  const expiresMs = Date.parse(text('PAM_EXPIRY'));
  return {
    id: text('PAM_NODE_ID'),
    category: text('PAM_CATEGORY'),
    stack: text('PAM_STACK'),
    createdBy: text('PAM_CREATED_BY'),
    createdMs: nowMs,
    expiresMs: Number.isFinite(expiresMs) ? expiresMs : nowMs,
    template: {
      concurrency: figure('PAM_CONCURRENCY', 1),
      serviceTimeMs: figure('PAM_SERVICE_MS', 1),
      drainMs: figure('PAM_DRAIN_MS', 30_000),
      maxAgeMs: Math.max(0, (Number.isFinite(expiresMs) ? expiresMs : nowMs) - nowMs),
    },
    settings: {
      env: {},
      envFrom: {},
      healthPath: text('PAM_HEALTH_PATH') || '/healthz',
      bootTimeMs: figure('PAM_BOOT_MS', 1_000),
    },
  };
}

function environmentOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return new Map(
    lines.flatMap((line) => {
      const place = line.indexOf('=');
      return place <= 0 ? [] : [[line.slice(0, place), line.slice(place + 1)] as const];
    }),
  );
}

/** A process that only claims to be ours: anybody can put anything into the environment of a process of their own. */
function isOurs(pid: number, users: ReadonlySet<number>): boolean {
  return users.has(userOf(pid));
}

/**
 * Every process on this machine that was started as a node from this state folder, or by such a one.
 * @param users ids of the users that nodes of this installation run as.
 */
export function markedProcesses(
  stateDir: string,
  nowMs: number,
  users: ReadonlySet<number> = new Set([process.getuid?.() ?? 0]),
): MarkedProcess[] {
  return processesWithEnvironment({ PAM_STATE: stateDir }, 'PAM_NODE_ID').flatMap((identity) => {
    try {
      const { pid } = identity;
      if (!isOurs(pid, users)) return [];
      const variables = environmentOf(pid);
      const category = variables.get('PAM_CATEGORY') ?? '';
      const id = variables.get('PAM_NODE_ID') ?? '';
      const port = Number(variables.get('PORT'));
      if (category === '' || id === '' || !Number.isInteger(port) || port <= 0) return [];
      const said =
        parsed(variables.get(orderVariable)) ?? parsed(readProcessFile(stateDir, category, id)?.order);
      const order = said?.id === id && said.category === category ? said : pieced(variables, nowMs);
      const leads = groupOf(pid) === pid;
      return [{ identity, category, id, leads, host: variables.get('HOST') ?? '127.0.0.1', port, order }];
    } catch {
      // It has ended meanwhile, or can't be looked into.
      return [];
    }
  });
}
