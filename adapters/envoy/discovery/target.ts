/**
 * What is declared → the resources that each proxy should have, encoded once for all of them. A change of one pool encodes
 * that pool.
 */
import { type RoutingRule, routingMatch } from '../../../core/routing/rule';
import { sharedPoolName } from '../../../ports/routingTable';
import type { RoutedPool, RoutingChanges } from '../../../ports/stores/routing/routingStore';
import { type HealthTiming, healthTiming } from '../resources/healthTiming';
import { assignment, assignmentType, cluster, clusterType, isNamed } from '../resources/poolResources';
import { clusterOf } from '../statNames';
import { encode, versionOf } from '../xds/messages';

export interface Resource {
  readonly name: string;
  /** Equal for equal content. */
  readonly version: string;
  readonly bytes: Uint8Array;
}

export interface TargetPool {
  readonly pool: string;
  /** Of the database. */
  readonly version: number;
  readonly rule: RoutingRule | null;
  /** Why the declared rule is none; the last one that was stays. */
  readonly unusable: string | null;
  /** False: there is nothing to route to or from; what still refers to it finds an empty pool. */
  readonly there: boolean;
  readonly cluster: Resource;
  /** null: the cluster has them in itself. */
  readonly endpoints: Resource | null;
}

const resource = (name: string, bytes: Uint8Array): Resource => ({ name, version: versionOf(bytes), bytes });

/** Pools that get the timing of a new number of endpoints at once: each renews a cluster in the proxy. */
const retimedAtOnce = 20;

export class Target {
  private readonly declared = new Map<string, RoutedPool>();
  private readonly made = new Map<string, TargetPool>();
  private readonly timings = new Map<string, HealthTiming>();
  private timing: HealthTiming = healthTiming(0, null);
  private endpointCount = 0;

  constructor() {
    this.render({ pool: sharedPoolName, version: 0, match: null, endpoints: [] });
  }

  get pools(): ReadonlyMap<string, TargetPool> {
    return this.made;
  }

  rules(): RoutingRule[] {
    return [...this.made.values()].flatMap(({ rule }) => rule ?? []);
  }

  /** What is declared, for the snapshot. */
  get routed(): Iterable<RoutedPool> {
    return this.declared.values();
  }

  /** @returns names of the pools that changed. */
  apply({ whole, pools }: Pick<RoutingChanges, 'whole' | 'pools'>): string[] {
    const changed = new Set<string>();
    if (whole) {
      const listed = new Set(pools.map(({ pool }) => pool));
      for (const { pool, version } of [...this.declared.values()])
        if (!listed.has(pool)) {
          this.declare({ pool, version, match: null, endpoints: [] });
          changed.add(pool);
        }
    }
    for (const pool of pools) {
      this.declare(pool);
      changed.add(pool.pool);
    }
    this.timing = healthTiming(this.endpointCount, this.timing);
    for (const name of changed) {
      // A pool that is new is checked as often as the others will be.
      if (!this.made.has(name)) this.timings.set(name, this.timing);
      this.render(
        this.declared.get(name) ?? {
          pool: name,
          version: pools.find(({ pool }) => pool === name)?.version ?? 0,
          match: null,
          endpoints: [],
        },
      );
    }
    return [...changed];
  }

  /** Gives some of the pools with an old timing the present one. @returns their names; none if all have it. */
  retime(): string[] {
    const old = [...this.made.values()].filter(
      ({ pool, there }) => there && this.timingOf(pool) !== this.timing,
    );
    const some = old.slice(0, retimedAtOnce).map(({ pool }) => pool);
    for (const pool of some) {
      this.timings.set(pool, this.timing);
      this.render(this.declared.get(pool) ?? { pool, version: 0, match: null, endpoints: [] });
    }
    return some;
  }

  private timingOf(pool: string): HealthTiming {
    return this.timings.get(pool) ?? this.timing;
  }

  private declare(pool: RoutedPool): void {
    this.endpointCount -= this.declared.get(pool.pool)?.endpoints.length ?? 0;
    this.endpointCount += pool.endpoints.length;
    if (pool.match === null && pool.endpoints.length === 0) this.declared.delete(pool.pool);
    else this.declared.set(pool.pool, pool);
  }

  private render(routed: RoutedPool): void {
    const { pool, version, match, endpoints } = routed;
    const parsed = match === null ? null : routingMatch.safeParse(match);
    const rule =
      parsed === null
        ? null
        : parsed.success
          ? { category: pool, match: parsed.data }
          : (this.made.get(pool)?.rule ?? null);
    const there = pool === sharedPoolName || match !== null || endpoints.length > 0;
    if (!there) this.timings.delete(pool);
    else if (!this.timings.has(pool)) this.timings.set(pool, this.timing);
    const name = clusterOf(pool);
    this.made.set(pool, {
      pool,
      version,
      rule,
      unusable:
        parsed === null || parsed.success
          ? null
          : `its match is none: ${parsed.error.issues[0]?.message ?? ''}`,
      there,
      cluster: resource(name, encode(clusterType, cluster(routed, this.timingOf(pool)))),
      endpoints: isNamed(routed) ? null : resource(name, encode(assignmentType, assignment(routed))),
    });
  }
}
