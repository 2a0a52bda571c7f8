/** Envoy’s admin interface → what the proxy counts, knows and runs. Every call is bounded in time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { PamError } from '../../core/errors';
import type { LatencyBucket } from '../../ports/stores/demand/counterSampleStore';
import { sharedLook, usedFor } from './sharedLook';
import { categoryStat, categoryStatsFilter, virtualHost } from './statNames';

const timeoutMs = 3_000;
const histogramMergeMs = 10;
/** The counters of these are read anew for each who asks: that costs the proxy next to nothing. */
const fewCategories = 50;
/** The oldest answer about the counters of many that somebody else gets, ms. */
const oldestCountersMs = 2_000;

/** Cumulative counters of one category since the proxy began to count. */
export interface CategoryCounters {
  readonly requests: number;
  readonly errors: number;
  /** Cumulative over the bounds, ascending; empty before the first request. */
  readonly latencyBuckets: readonly LatencyBucket[];
}

/** Counters as they were at one instant. */
export interface CountersLook {
  /** By name; a category without a rule has none. */
  readonly categories: ReadonlyMap<string, CategoryCounters>;
  /** How long before the call the counters were read, ms; 0 if they were read for it. */
  readonly ageMs: number;
  /** How long the proxy had run then, ms, exact to about a second. */
  readonly uptimeMs: number;
}

export interface HostStatus {
  readonly host: string;
  readonly port: number;
  readonly pending: boolean;
  readonly healthy: boolean;
}

/** The admin interface does not answer: the proxy is down, or its address is wrong. */
export class AdminUnavailable extends PamError {}

export interface EnvoyAdmin {
  /**
   * Counters of every category. Of many, who asks soon after another gets that answer, with its age of at most two seconds.
   * @param fresh true: read now, for a bin that has just ended.
   */
  counters(fresh?: boolean): Promise<CountersLook>;
  /** Hosts by cluster; not older than some times as long as the proxy takes to list them. */
  hosts(): Promise<ReadonlyMap<string, readonly HostStatus[]>>;
  /** Names of the clusters that can be routed to now. */
  activeClusters(): Promise<ReadonlySet<string>>;
  /** Names of the routes in force. */
  activeRoutes(): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

/** Every call throws PamError UNAVAILABLE when the proxy does not answer. */
export function createEnvoyAdmin(adminUrl: string): EnvoyAdmin {
  const agent = new Agent({ connections: 4, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });

  async function get(path: string): Promise<unknown> {
    try {
      const { statusCode, body } = await request(new URL(path, adminUrl), {
        dispatcher: agent,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      return JSON.parse(text);
    } catch (error) {
      throw new AdminUnavailable(
        'UNAVAILABLE',
        `Envoy's admin interface at ${adminUrl} does not answer ${path.split('?')[0]}: is the proxy running, and is ENVOY_ADMIN_URL (envoy.adminUrl) its address?`,
        { cause: error },
      );
    }
  }

  async function names(
    resource: string,
    mask: string,
    pick: (entry: Json) => string[],
  ): Promise<Set<string>> {
    const { configs = [] } = (await get(`/config_dump?resource=${resource}&mask=${mask}`)) as {
      configs?: Json[];
    };
    return new Set(configs.flatMap(pick));
  }

  const lookAtCounters = sharedLook(
    async () => {
      const beganMs = performance.now();
      // The first request makes the proxy’s threads merge their histograms, which takes a moment.
      await get('/stats?format=json&type=TextReadouts&filter=%5E%24');
      await sleep(histogramMergeMs);
      const filter = encodeURIComponent(categoryStatsFilter);
      const [stats, server] = await Promise.all([
        get(`/stats?format=json&histogram_buckets=cumulative&filter=${filter}`),
        get('/server_info') as Promise<{ uptime_current_epoch: string }>,
      ]);
      const uptimeMs = Number.parseFloat(server.uptime_current_epoch) * 1_000;
      return { beganMs, uptimeMs, categories: readCounters(stats) };
    },
    () => performance.now(),
    ({ categories }, tookMs) =>
      categories.size <= fewCategories ? 0 : Math.min(oldestCountersMs, usedFor * tookMs),
  );

  return {
    counters: async (fresh) => {
      const askedMs = performance.now();
      const { beganMs, ...look } = await lookAtCounters(fresh);
      return { ...look, ageMs: Math.max(0, Math.round(askedMs - beganMs)) };
    },
    hosts: sharedLook(
      async () => readHosts(await get('/clusters?format=json')),
      () => performance.now(),
    ),
    activeClusters: () =>
      names('dynamic_active_clusters', 'cluster.name', (entry) => textOf(entry.cluster, 'name')),
    activeRoutes: () =>
      names('dynamic_route_configs', 'route_config.virtual_hosts', (entry) => namesBelow(entry)),
    close: () => agent.close(),
  };
}

type Json = Record<string, unknown>;

function textOf(value: unknown, key: string): string[] {
  const found = (value as Json | undefined)?.[key];
  return typeof found === 'string' ? [found] : [];
}

/** Every `stat_prefix` below: routes are the leaves of a matcher, wherever that has them. */
function namesBelow(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesBelow);
  if (typeof value !== 'object' || value === null) return [];
  return [...textOf(value, 'stat_prefix'), ...Object.values(value).flatMap(namesBelow)];
}

interface HistogramJson {
  readonly name: string;
  readonly buckets: readonly { readonly upper_bound: number; readonly cumulative: number }[];
}

const statPrefix = `vhost.${virtualHost}.route.${categoryStat('')}`;

function readCounters(answer: unknown): Map<string, CategoryCounters> {
  const { stats } = answer as { stats: { name?: string; value?: number; histograms?: HistogramJson[] }[] };
  const found = new Map<string, { requests: number; errors: number; latencyBuckets: LatencyBucket[] }>();
  const of = (name: string) => {
    const [category = '', figure = ''] = name.slice(statPrefix.length).split('.');
    const counters = found.get(category) ?? { requests: 0, errors: 0, latencyBuckets: [] };
    found.set(category, counters);
    return { counters, figure };
  };
  for (const { name, value, histograms } of stats) {
    if (name?.startsWith(statPrefix) && value !== undefined) {
      const { counters, figure } = of(name);
      if (figure === 'upstream_rq_completed') counters.requests = value;
      if (figure === 'upstream_rq_5xx') counters.errors = value;
    }
    for (const histogram of histograms ?? []) {
      if (!histogram.name.startsWith(statPrefix)) continue;
      of(histogram.name).counters.latencyBuckets = histogram.buckets.map((bucket) => ({
        upToMs: bucket.upper_bound,
        count: bucket.cumulative,
      }));
    }
  }
  return found;
}

interface ClusterJson {
  readonly name: string;
  readonly host_statuses?: readonly {
    /** Absent for the internal listener. */
    readonly address: {
      readonly socket_address?: { readonly address: string; readonly port_value: number };
    };
    readonly hostname?: string;
    readonly health_status: Json;
  }[];
}

function readHosts(answer: unknown): Map<string, HostStatus[]> {
  const { cluster_statuses: clusters = [] } = answer as { cluster_statuses?: ClusterJson[] };
  return new Map(
    clusters.map(({ name, host_statuses: hosts = [] }) => [
      name,
      hosts.flatMap(({ address: { socket_address: socket }, hostname, health_status: health }) =>
        socket === undefined
          ? []
          : [
              {
                host: hostname || socket.address,
                port: socket.port_value,
                pending: health.pending_active_hc === true,
                healthy:
                  health.eds_health_status === 'HEALTHY' &&
                  health.failed_active_health_check !== true &&
                  health.failed_outlier_check !== true &&
                  health.pending_active_hc !== true,
              },
            ],
      ),
    ]),
  );
}
