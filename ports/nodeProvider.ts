/**
 * Where nodes come from: what one provider does for the pool (`adapters/nodes/pool`), which does the rest: the ledger, the
 * lock, the choice of nodes, the order of a change and its recovery, the proxy's endpoints, Pulumi's stacks. The recipe is
 * docs/extending/node-provider.md.
 */
import type { NodeTemplate } from '../core/category/settings';
import { PamError } from '../core/errors';
import type { RoutingRule } from '../core/routing/rule';
import type { NodeOrder, ProviderSettings } from './nodeOrder';
import type { NodeState } from './nodePool';

/** How a node ended that nobody gave up. */
export interface NodeEnd {
  /** When that was noticed, ms. */
  readonly atMs: number;
  /** null: a signal ended it, or nobody saw how it ended. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Its last words, cleaned; empty if there are none. */
  readonly said: string;
}

/** A node that ended while it was being made. */
export class NodeEndedAtOnce extends PamError {
  constructor(
    message: string,
    readonly end: NodeEnd,
  ) {
    super('REJECTED', message);
  }
}

/** A difference between what is and what is on record. */
export interface PoolFinding {
  readonly category: string;
  /** Id of the node, if it is about one. */
  readonly id: string | null;
  /** In words. */
  readonly what: string;
}

export interface ProvidedNode {
  readonly id: string;
  /** What it was ordered as; null where a structure of nodes by number replaces outdated ones itself. */
  readonly order: NodeOrder | null;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Where the proxy reaches it; null as long as that is not known. */
  readonly endpoint: { readonly host: string; readonly port: number; readonly healthPath: string } | null;
  /**
   * `ended`: it is gone and does not come back. `unknown`: whoever could tell does not answer; the node counts as long as
   * the proxy finds it healthy.
   */
  readonly presence: 'runs' | 'ended' | 'unknown';
  /** If its presence is `ended`: how it ended, as far as that is known. */
  readonly end?: NodeEnd;
  /** What the provider itself knows of its state; absent: the proxy's health checks say. */
  readonly state?: NodeState;
  /** How long such a node usually takes to come up, ms: it is not called unhealthy before. */
  readonly bootTimeMs: number;
  /** More that belongs in Pulumi's state, such as an instance id. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A pool as it should be after a change. */
export interface WantedPool {
  readonly category: string;
  /** Every node, kept and new; a provider that makes nodes by number takes their count. */
  readonly nodes: readonly NodeOrder[];
  readonly count: number;
  readonly rule: RoutingRule | null;
  readonly template: NodeTemplate;
  /** Parsed by the provider's schema. */
  readonly settings: ProviderSettings;
  readonly createdBy: string;
}

/** Nodes made one by one, each a resource of the category's Pulumi stack, whose create and delete call these. */
export interface NodesByOrder {
  readonly kind: 'by order';
  /**
   * Makes the node of this order and returns once it exists; one of the same id that exists is returned, never doubled.
   * @throws NodeEndedAtOnce if it does not stay. PamError REJECTED with the field where the settings ask for what can't be; then nothing is left behind.
   */
  make(order: NodeOrder): Promise<ProvidedNode>;
  /**
   * Gives a node up that the proxy sends nothing to any more: it may finish what it has begun within `drainMs`. Returns at
   * once. Idempotent, the first deadline counts; an unknown id is fine.
   */
  retire(category: string, id: string, drainMs: number): Promise<void>;
}

/** Nodes whose number is set by one cheap call, on a structure that a Pulumi program declares: a Deployment, a group. */
export interface NodesByNumber {
  readonly kind: 'by number';
  /** Declares the structure, without the number; called while the stack's program runs. */
  declare(pool: WantedPool): void;
  /** True if the structure that exists is this one; asked at every reconcile, so it must be cheap (a cache of a watch). */
  declared(pool: WantedPool): Promise<boolean>;
  /**
   * Sets the number; those of `drop`, which the proxy sends nothing to any more, go first and drain. Idempotent. Called
   * after the structure is there, and with 0 before it is destroyed. When it resolves, `list` has none of `drop`.
   */
  setNumber(category: string, count: number, drop: readonly string[]): Promise<void>;
}

export interface NodeProvider {
  readonly nodes: NodesByOrder | NodesByNumber;
  /** Nodes of a category that exist or have ended without having been given up; those that drain are left out. */
  list(category: string): Promise<readonly ProvidedNode[]>;
  /**
   * Ends what was given up and is due; of one category or all. The pool calls it whenever it waits for a drain.
   * @returns how many nodes still drain and can be waited for.
   */
  sweep(category?: string): Promise<number>;
  /**
   * Finds nodes that exist and that `list` does not tell of, and makes it tell of them; ends what is there twice. Of one
   * category or all. The pool calls it before each change and from time to time.
   */
  find?(category?: string): Promise<readonly PoolFinding[]>;
  /** What `find` would do, nothing changed. */
  differences?(category?: string): Promise<readonly PoolFinding[]>;
  /** After a change: limits what the provider keeps, such as logs. */
  tidy?(category: string): Promise<void>;
  close(): Promise<void>;
}
