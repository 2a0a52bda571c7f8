/**
 * Categories and pools → their names in Envoy’s statistics and resources. A category’s name has no dot, and each of
 * our names begins with its kind, so no category mixes with the numbers of another or of the unmatched requests.
 */
import { sharedPoolName } from '../../ports/routingTable';

/** The one virtual host. Matching is done by routes, so headers and paths work on every host alike. */
export const virtualHost = 'pam';
export const routeConfiguration = 'pam';
/** `stat_prefix` of the HTTP connection manager. */
export const ingressStat = 'pam';
/** Route statistics of requests that no rule matches: `vhost.pam.route.unmatched.*`. */
export const unmatchedStat = 'unmatched';

/** Route statistics of a category, whichever pool serves the request: `vhost.pam.route.category-<name>.*`. */
export const categoryStat = (category: string): string => `category-${category}`;

/**
 * Counters and the latency histograms of all categories: one look serves them all. `total` is there from the rule on, the
 * others from the first response, so it tells a category without requests from one without a rule.
 */
export const categoryStatsFilter = `^vhost\\.${virtualHost}\\.route\\.category-[^.]+\\.upstream_rq_(total|completed|5xx|time)$`;

/**
 * All that the proxy counts: the requests of each category, whether it takes updates, and the few figures of the proxy
 * itself. `upstream_cx_total` is what Envoy tells a pool with traffic from one without.
 */
export const neededStats: readonly string[] = [
  'vhost\\..*\\.upstream_rq_(total|completed|5xx|time)',
  'cluster\\.[^.]+\\.upstream_cx_total',
  '(control_plane|cluster_manager|listener_manager|server|overload)\\..*',
  `http\\.${ingressStat}\\.(downstream_cx_active|downstream_cx_total|downstream_rq_[0-9a-z]+|no_route|no_cluster|rds\\..*)`,
];

/** The cluster of a pool: a category's with the shared pool as its second priority, or the shared pool's own. */
export const clusterOf = (pool: string): string =>
  pool === sharedPoolName ? 'unmatched-shared' : `category-${pool}`;

/** The pool of a cluster. */
export const poolOf = (cluster: string): string =>
  cluster === clusterOf(sharedPoolName) ? sharedPoolName : cluster.replace(/^category-/, '');

/** Name of the internal listener through which the categories reach the shared pool. */
export const sharedListener = 'shared-pool';

/**
 * Upper bounds of the latency histogram, ms: at most 25 % apart between 10 ms and 60 s; the usual objectives are
 * bounds.
 */
export const latencyBoundsMs: readonly number[] = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20, 25, 30, 35, 40, 50, 60, 75, 90, 100, 125, 150, 175, 200, 225,
  250, 300, 350, 400, 450, 500, 600, 700, 750, 800, 900, 1_000, 1_200, 1_500, 1_750, 2_000, 2_500, 3_000,
  3_500, 4_000, 5_000, 6_000, 7_500, 9_000, 10_000, 12_000, 15_000, 17_500, 20_000, 25_000, 30_000, 35_000,
  45_000, 50_000, 60_000, 75_000, 90_000, 120_000, 300_000,
];
