/**
 * One connected proxy: what it asks and answers in → what it is sent, in an order in which no request meets half a change.
 * A new cluster and its endpoints come before the route that names it: the proxy accepts a cluster only when it is ready.
 * A route goes before its cluster.
 */
import { matchKey } from '../../../core/routing/precedence';
import type { RoutingRule } from '../../../core/routing/rule';
import { listeners, listenerType } from '../resources/listeners';
import { assignmentType, clusterType } from '../resources/poolResources';
import { routeConfigurationType, routeTable } from '../resources/routeTable';
import { clusterOf, poolOf, routeConfiguration } from '../statNames';
import { encode, typeUrl, versionOf } from '../xds/messages';
import { Feed, type Update } from './feed';
import type { DeltaRequest, DeltaResponse } from './messages';
import type { Resource, Target, TargetPool } from './target';

interface RuleItem extends Resource {
  readonly rule: RoutingRule | null;
}

const nothing = new Uint8Array();
/**
 * Each new endpoint is a health check that connects at once: with ten thousand in one update the proxy would have as many
 * connections open, and keep the memory that they took.
 */
const assignmentsAtOnce = 25;

/** Stands for what the route table has without any rule, so that a table without rules is sent as well. */
const base: RuleItem = { name: '', version: 'base', bytes: nothing, rule: null };

const ruleItem = (rule: RoutingRule): RuleItem => ({
  name: rule.category,
  version: matchKey(rule.match),
  bytes: nothing,
  rule,
});

/** The proxy prints the whole message that it refuses, and then what is wrong with it, or the other way round. */
function inShort(error: string): string {
  const words = error
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return words.length <= 600 ? words : `${words.slice(0, 300)} … ${words.slice(-300)}`;
}

export interface SessionOptions {
  readonly target: Target;
  readonly send: (response: DeltaResponse) => void;
  /** Pools whose present version the proxy may have answered by now. */
  readonly onAnswer: (pools: readonly string[]) => void;
  readonly onRefusal: (what: string, reason: string) => void;
  readonly now: () => number;
}

export class ProxySession {
  /** As its bootstrap names it; empty before its first word. */
  node = '';
  private readonly clusters = new Feed<Resource>();
  private readonly assignments = new Feed<Resource>(assignmentsAtOnce);
  private readonly entries = new Feed<Resource>();
  private readonly rules = new Feed<RuleItem>();
  private readonly subscribed = new Set<string>();
  private readonly started = new Set<string>();
  private nonces = 0;

  constructor(private readonly options: SessionOptions) {}

  receive(request: DeltaRequest): void {
    if (request.node !== null) this.introduce(request.node);
    const { type_url: type, response_nonce: nonce } = request;
    const error = request.error_detail?.message ?? null;
    if (!this.started.has(type)) this.start(type, request.initial_resource_versions);
    this.subscribe(type, request);
    if (nonce !== '') this.answer(type, nonce, error);
    this.pump();
  }

  /** Pools of the target that are not as they were. */
  changed(pools: readonly string[]): void {
    for (const pool of pools) this.wantPool(pool);
    this.pump();
    this.options.onAnswer(pools);
  }

  /** Whether the proxy has answered the present version of the pool. */
  settled(pool: TargetPool): boolean {
    const name = clusterOf(pool.pool);
    if (!this.started.has(typeUrl(routeConfigurationType))) return false;
    if (!this.clusters.settled(name)) return false;
    if (pool.there && pool.endpoints !== null && !this.clusters.refused.has(name))
      if (!this.subscribed.has(name) || !this.assignments.settled(name)) return false;
    return this.rules.settled(pool.pool) || this.clusters.refused.has(name);
  }

  /** Why it refused the present version of the pool; null if it did not. */
  refusal({ pool, unusable }: TargetPool): string | null {
    const name = clusterOf(pool);
    if (unusable !== null) return unusable;
    const refused =
      this.clusters.refused.get(name) ?? this.assignments.refused.get(name) ?? this.rules.refused.get(pool);
    return refused?.reason ?? null;
  }

  /** Update that the proxy has not answered for the longest time, ms. */
  waitingMs(): number {
    const now = this.options.now();
    return Math.max(...[this.clusters, this.assignments, this.rules].map((feed) => feed.waitingMs(now)));
  }

  private introduce({ id, metadata }: NonNullable<DeltaRequest['node']>): void {
    const host = metadata?.fields.listen_host?.stringValue ?? '';
    const port = metadata?.fields.listen_port?.numberValue ?? 0;
    this.node = `${id} (${host}:${port})`;
    if (host === '' || port === 0) return;
    for (const message of listeners({ host, port })) {
      const bytes = encode(listenerType, message);
      const name = String(message.name);
      this.entries.want(name, { name, version: versionOf(bytes), bytes });
    }
  }

  private start(type: string, versions: Readonly<Record<string, string>>): void {
    this.started.add(type);
    if (type === typeUrl(clusterType)) {
      this.clusters.has(versions);
      for (const pool of this.options.target.pools.keys()) this.wantCluster(pool);
    }
    if (type === typeUrl(listenerType)) this.entries.has(versions);
    if (type === typeUrl(assignmentType)) this.assignments.has(versions);
    if (type === typeUrl(routeConfigurationType)) {
      this.rules.want(base.name, base);
      for (const pool of this.options.target.pools.keys()) this.wantRule(pool);
      if (versions[routeConfiguration] === this.routes(this.options.target.rules()).version)
        this.rules.adopt();
    }
  }

  private subscribe(
    type: string,
    { resource_names_subscribe, resource_names_unsubscribe }: DeltaRequest,
  ): void {
    if (type !== typeUrl(assignmentType)) return;
    for (const name of resource_names_unsubscribe) {
      this.subscribed.delete(name);
      this.assignments.forget(name);
    }
    for (const name of resource_names_subscribe) {
      const known = this.assignments.accepted.has(name) && !this.subscribed.has(name);
      this.subscribed.add(name);
      this.wantAssignment(poolOf(name));
      // It asks for what it lacks; at the start it says what it has.
      if (!known) this.assignments.sendAgain(name);
    }
  }

  private answer(type: string, nonce: string, error: string | null): void {
    const reason = error === null ? null : inShort(error);
    const refused = (what: string) => reason !== null && this.options.onRefusal(what, reason);
    if (type === typeUrl(routeConfigurationType)) {
      const pending = [...this.rules.pending];
      const pools = this.rules.answer(nonce, reason);
      if (pools === null) return;
      refused(`routes of ${pending.filter(Boolean).join(', ') || 'all'}`);
      // The cluster of a route that is gone may go now.
      for (const pool of pools)
        if (this.options.target.pools.get(pool)?.there === false) this.wantCluster(pool);
      this.options.onAnswer(pools);
      return;
    }
    const feed = { [typeUrl(clusterType)]: this.clusters, [typeUrl(assignmentType)]: this.assignments }[type];
    if (feed === undefined) {
      if (this.entries.answer(nonce, reason) !== null) refused('listeners');
      return;
    }
    const pending = feed.pending.join(', ');
    const names = feed.answer(nonce, reason);
    if (names === null) return;
    refused(`${feed === this.clusters ? 'clusters' : 'endpoints'} ${pending}`);
    this.options.onAnswer(names.map(poolOf));
  }

  private wantPool(pool: string): void {
    this.wantCluster(pool);
    this.wantAssignment(pool);
    this.wantRule(pool);
  }

  private wantCluster(pool: string): void {
    if (!this.started.has(typeUrl(clusterType))) return;
    const made = this.options.target.pools.get(pool);
    const routed = this.rules.accepted.has(pool) || this.rules.pending.includes(pool);
    this.clusters.want(clusterOf(pool), made !== undefined && (made.there || routed) ? made.cluster : null);
  }

  private wantAssignment(pool: string): void {
    const name = clusterOf(pool);
    const made = this.options.target.pools.get(pool);
    // None is removed: it goes with its cluster.
    if (this.subscribed.has(name) && made !== undefined && made.endpoints !== null)
      this.assignments.want(name, made.endpoints);
  }

  private wantRule(pool: string): void {
    if (!this.started.has(typeUrl(routeConfigurationType))) return;
    const rule = this.options.target.pools.get(pool)?.rule ?? null;
    this.rules.want(pool, rule === null ? null : ruleItem(rule));
  }

  /** Sends what may be sent now. */
  private pump(): void {
    const at = this.options.now();
    // A route of before it connected may still name a cluster that is to go.
    const routed = this.rules.accepted.has(base.name);
    const clusters = this.clusters.next(this.nonce('c'), at, (_, item) => item !== null || routed);
    if (clusters !== null) {
      this.send(clusterType, this.clusters, clusters);
      // A cluster that replaces one of its name waits for endpoints, and does not ask for those that the proxy has.
      for (const { name } of clusters.changed)
        if (this.subscribed.has(name)) this.assignments.sendAgain(name);
    }
    const assignments = this.assignments.next(this.nonce('e'), at);
    if (assignments !== null) this.send(assignmentType, this.assignments, assignments);
    if (this.started.has(typeUrl(listenerType))) {
      const entries = this.entries.next(this.nonce('l'), at);
      if (entries !== null) this.send(listenerType, this.entries, entries);
    }
    const rules = this.rules.next(
      this.nonce('r'),
      at,
      (pool, item) => item === null || item === base || this.clusters.accepted.has(clusterOf(pool)),
    );
    if (rules === null) return;
    const table = new Map(this.rules.acceptedItems);
    for (const name of rules.removed) table.delete(name);
    for (const item of rules.changed) table.set(item.name, item);
    const resource = this.routes([...table.values()].flatMap(({ rule }) => rule ?? []));
    this.options.send({
      type_url: typeUrl(routeConfigurationType),
      nonce: this.rules.nonce,
      resources: [resource],
      removed: [],
    });
  }

  private send(type: string, feed: Feed<Resource>, { changed, removed }: Update<Resource>): void {
    this.options.send({ type_url: typeUrl(type), nonce: feed.nonce, resources: changed, removed });
  }

  private routes(rules: readonly RoutingRule[]): Resource {
    const bytes = encode(routeConfigurationType, routeTable(rules));
    return { name: routeConfiguration, version: versionOf(bytes), bytes };
  }

  private nonce(kind: string): string {
    this.nonces++;
    return `${kind}${this.nonces}`;
  }
}
