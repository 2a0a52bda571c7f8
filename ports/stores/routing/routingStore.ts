/**
 * What the proxies should route and what they have taken of it. Workers write rules and endpoints; discovery processes follow
 * the changes and say what their proxies have answered; whoever compares reads both.
 */
import type { RoutingMatch, RoutingRule } from '../../../core/routing/rule';
import type { Endpoint } from '../../routingTable';

/** A pool as it is declared; without a match and endpoints it is gone. */
export interface RoutedPool {
  readonly pool: string;
  /** Of its latest change; versions of all pools are one sequence. */
  readonly version: number;
  readonly match: RoutingMatch | null;
  readonly endpoints: readonly Endpoint[];
}

/** What has changed since a version, or all of it. */
export interface RoutingChanges {
  /** Identity of the database; versions of two of them can't be compared. */
  readonly epoch: string;
  /** Highest version that is contained. */
  readonly version: number;
  /** True: pools that are not listed do not exist. */
  readonly whole: boolean;
  readonly pools: readonly RoutedPool[];
}

/** A refusal of a proxy. It goes on serving the last version that it accepted. */
export interface Refusal {
  readonly version: number;
  readonly reason: string;
}

/** What every proxy of a discovery process has answered about a pool. */
export interface TakenPool {
  readonly pool: string;
  /** Highest version that is in force or was refused. */
  readonly version: number;
  readonly refused: Refusal | null;
}

export interface ConnectedProxy {
  /** As its bootstrap names it, and where it connected from. */
  readonly node: string;
  readonly connectedMs: number;
}

export interface DiscoveryProcess {
  readonly id: string;
  readonly seenMs: number;
  /** Whether it has been seen within the last seconds. */
  readonly live: boolean;
  readonly proxies: readonly ConnectedProxy[];
}

/** What is declared, beside what the proxies have taken of it. */
export interface DiscoveryStatus {
  readonly discoveries: readonly DiscoveryProcess[];
  readonly pools: readonly (RoutedPool & {
    /** Whether every connected proxy of a live discovery process has answered this version. */
    readonly taken: boolean;
    readonly refused: Refusal | null;
  })[];
}

/** Where a pool stands after it was asked to change. */
export interface ChangedPool {
  /** Its version with what was asked; 0 if nothing is known of it. */
  readonly version: number;
  /** False: it was so before. */
  readonly changed: boolean;
}

export interface RoutingStore {
  /** @throws PamError REJECTED if another category has the same match. */
  putRule(rule: RoutingRule): Promise<ChangedPool>;
  removeRule(category: string): Promise<ChangedPool>;
  putEndpoint(pool: string, endpoint: Endpoint): Promise<ChangedPool>;
  removeEndpoint(pool: string, id: string): Promise<ChangedPool>;
  endpoints(pool: string): Promise<Endpoint[]>;
  /** The discovery processes that were there within the last minute, with what each says of that pool. */
  taken(pool: string): Promise<{ discovery: DiscoveryProcess; taken: TakenPool | null }[]>;
  status(): Promise<DiscoveryStatus>;

  /** Changes after `sinceVersion` of `epoch`; all of it for null, another epoch, or a version that the database has not. */
  changes(since: { readonly epoch: string; readonly version: number } | null): Promise<RoutingChanges>;
  /** Says that the process lives and which proxies are connected to it. Old entries of others are deleted. */
  present(id: string, proxies: readonly ConnectedProxy[]): Promise<void>;
  /** Records what the proxies of a present process have answered. */
  took(id: string, pools: readonly TakenPool[]): Promise<void>;
  /** A process that ends by itself. */
  absent(id: string): Promise<void>;
  /** Calls `wake` at each change of what is declared, or taken; and once after each connection, since some may be missed. */
  watch(what: 'declared' | 'taken', wake: () => void): { close(): Promise<void> };
}
