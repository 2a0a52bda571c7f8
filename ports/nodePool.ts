/**
 * A category's own nodes and the rule that sends its requests to them. `adapters/nodes/pool` implements it for every node
 * provider; what a provider adds is in `ports/nodeProvider.ts`.
 */
import type { NodeTemplate } from '../core/category/settings';
import type { RoutingRule } from '../core/routing/rule';
import type { ProviderSettings } from './nodeOrder';

/** What should be there. Reconciling the same spec twice changes nothing. */
export interface PoolSpec {
  readonly category: string;
  /** Whole nodes wanted. */
  readonly nodes: number;
  /** null: nodes without a rule, as the shared pool has them. */
  readonly rule: RoutingRule | null;
  /** Name of the node provider that makes the nodes. */
  readonly provider: string;
  readonly template: NodeTemplate;
  /** The provider's own part of the settings, as a person writes it; the provider's schema parses it. */
  readonly settings: ProviderSettings;
  /**
   * Ids of nodes that are given up: each is taken out of the proxy, drained and removed as soon as a successor takes
   * traffic in its place, which is made at once. One that takes traffic itself again is kept. Absent: none.
   */
  readonly replace?: readonly string[];
  /** Who asked, for the nodes' `createdBy` tag: the workflow id and run. */
  readonly createdBy: string;
}

export type NodeState = 'booting' | 'routable' | 'unhealthy';

export interface PoolNode {
  readonly id: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly state: NodeState;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PoolObservation {
  readonly nodes: readonly PoolNode[];
  /** Nodes that exist. */
  readonly provisioned: number;
  /** Nodes that take traffic now, as the proxy sees them. */
  readonly routable: number;
}

export interface PoolChange {
  readonly created: readonly string[];
  readonly removed: readonly string[];
  readonly provisioned: number;
}

/** Cancellation and signs of life of the caller. */
export interface PoolCall {
  readonly signal?: AbortSignal;
  readonly progress?: (message: string) => void;
}

export interface NodePool {
  /**
   * Makes the pool match `spec`: creates missing nodes (returns once they exist, not once they are routable), drains
   * and removes surplus ones, puts the rule in place. Recovers first from whatever an interrupted call left behind.
   * One call at a time per category; throws PamError CONFLICT (retryable) when another worker holds the pool, REJECTED
   * with the field when the provider can't do what the settings ask for.
   */
  reconcile(spec: PoolSpec, call?: PoolCall): Promise<PoolChange>;
  observe(category: string): Promise<PoolObservation>;
  /** Puts a rule in place again that the proxy may have lost. */
  confirmRule?(rule: RoutingRule): Promise<void>;
  /** Rule and nodes gone, drained first; nothing to do is success. */
  remove(category: string, call?: PoolCall): Promise<PoolChange>;
}
