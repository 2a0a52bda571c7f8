/**
 * Nodes of the provider `local`: processes, each of the machine that made it. Every worker reads all of them; only a worker
 * on the same machine can signal one.
 */
import type { NodeOrder } from '../../nodeOrder';

export interface LocalNode extends NodeOrder {
  /** Identity of the machine, boot included, whose process it is. */
  readonly machine: string;
  /** State folder of the worker that started it: stands in the environment of its process. */
  readonly stateDir: string;
  readonly host: string;
  readonly port: number;
  readonly log: string;
  /** null between the order and the start of the process. */
  readonly pid: number | null;
  readonly startTicks: number | null;
  /** It takes no new requests and is killed at this time, ms; null while it serves. */
  readonly drainUntilMs: number | null;
  /** Its machine has sent it SIGTERM. */
  readonly asked: boolean;
  /** Its machine has seen that the process is gone. */
  readonly ended: boolean;
  /** How it ended, as far as that is known. Absent: it runs. */
  readonly end?: LocalNodeEnd;
}

export interface LocalNodeEnd {
  /** When that was noticed, ms. */
  readonly atMs: number;
  /** null: a signal ended it, or no worker saw how it ended. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Last lines of its log, cleaned. */
  readonly said: string;
}

export interface ListedLocalNode extends LocalNode {
  /** How long ago a worker of its machine was last seen, ms, on the database's clock. */
  readonly machineSeenMs: number;
}

export interface LocalNodeStore {
  /** Before its process is started; replaces one of the same id. */
  add(node: LocalNode): Promise<void>;
  /** After its process was started; false if the node was given up meanwhile: then the process must end. */
  started(category: string, id: string, pid: number, startTicks: number): Promise<boolean>;
  /** A node whose process runs and was found: its record is made, or corrected; a drain under way stays one. */
  found(node: LocalNode): Promise<void>;
  get(category: string, id: string): Promise<ListedLocalNode | null>;
  /** Of one category or all, oldest first; draining and ended ones too. */
  list(category?: string): Promise<ListedLocalNode[]>;
  /** Those that drain, of one category or all. */
  draining(category?: string): Promise<ListedLocalNode[]>;
  /** Those of one machine. */
  onMachine(machine: string): Promise<ListedLocalNode[]>;
  /** Writes the deadline of a drain, unless there is one; null if there is no such node. */
  drain(category: string, id: string, untilMs: number): Promise<ListedLocalNode | null>;
  asked(category: string, id: string): Promise<void>;
  /** The first word counts; nothing of a node that drains. */
  ended(category: string, id: string, end?: LocalNodeEnd): Promise<void>;
  remove(category: string, id: string): Promise<void>;
  /** A worker of this machine is there. */
  seen(machine: string): Promise<void>;
}
