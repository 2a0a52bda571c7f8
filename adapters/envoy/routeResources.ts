/**
 * Rules → Envoy’s route configuration. One virtual host serves every host. Each rule becomes two routes with the same
 * statistics: one for requests that may be repeated without harm, one for the others, which are retried only if they
 * certainly never reached a node.
 */
import { byPrecedence } from '../../core/routing/precedence';
import type { RoutingMatch, RoutingRule } from '../../core/routing/rule';
import { sharedPoolName } from '../../ports/routingTable';
import {
  categoryStat,
  clusterOf,
  routeConfiguration,
  sharedListener,
  unmatchedStat,
  virtualHost,
} from './statNames';

type Json = Record<string, unknown>;

/** Methods that RFC 9110 § 9.2.1 calls safe: a second delivery changes nothing. */
const repeatableMethods = 'GET|HEAD|OPTIONS';

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

function routeMatch(match: RoutingMatch): { path: Json; headers: Json[] } {
  if ('header' in match)
    return {
      path: { prefix: '/' },
      headers: [{ name: match.header.name, string_match: { exact: match.header.value } }],
    };
  if ('pathPrefix' in match)
    return {
      path: match.pathPrefix === '/' ? { prefix: '/' } : { path_separated_prefix: match.pathPrefix },
      headers: [],
    };
  // Without a port in the rule, any port matches.
  const port = /:\d+$/.test(match.host) ? '' : '(:\\d+)?';
  return {
    path: { prefix: '/' },
    headers: [
      {
        name: ':authority',
        string_match: { safe_regex: { regex: `(?i)${escapeRegex(match.host)}${port}` } },
      },
    ],
  };
}

function retryPolicy(repeatable: boolean): Json {
  return {
    // `reset` repeats a request that a node had begun when it died. The other conditions mean that no node was
    // reached.
    retry_on: `connect-failure,refused-stream,reset-before-request${repeatable ? ',reset' : ''}`,
    num_retries: 3,
    retry_back_off: { base_interval: '0.010s', max_interval: '0.100s' },
    retry_host_predicate: [
      {
        name: 'envoy.retry_host_predicates.previous_hosts',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
        },
      },
    ],
    host_selection_retry_max_attempts: 5,
    // The next pool after two tries, so that a pool whose only node has just died costs no request.
    retry_priority: {
      name: 'envoy.retry_priorities.previous_priorities',
      typed_config: {
        '@type':
          'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
        update_frequency: 2,
      },
    },
  };
}

function routesOf(
  match: { path: Json; headers: Json[] },
  cluster: string,
  stat: string,
  timeoutMs: number,
): Json[] {
  const action = (repeatable: boolean): Json => ({
    cluster,
    timeout: `${timeoutMs / 1_000}s`,
    retry_policy: retryPolicy(repeatable),
  });
  const repeatable = { name: ':method', string_match: { safe_regex: { regex: repeatableMethods } } };
  return [
    {
      name: `${stat}/repeatable`,
      stat_prefix: stat,
      match: { ...match.path, headers: [...match.headers, repeatable] },
      route: action(true),
    },
    {
      name: stat,
      stat_prefix: stat,
      match: { ...match.path, ...(match.headers.length > 0 ? { headers: match.headers } : {}) },
      route: action(false),
    },
  ];
}

/** The whole route configuration. `timeoutMs` bounds one request from its last byte in to its last byte out. */
export function routeResources(rules: readonly RoutingRule[], timeoutMs: number): Json[] {
  const routes = byPrecedence(rules).flatMap((rule) =>
    routesOf(routeMatch(rule.match), clusterOf(rule.category), categoryStat(rule.category), timeoutMs),
  );
  const unmatched = routesOf(
    { path: { prefix: '/' }, headers: [] },
    clusterOf(sharedPoolName),
    unmatchedStat,
    timeoutMs,
  );
  return [
    {
      '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
      name: routeConfiguration,
      virtual_hosts: [{ name: virtualHost, domains: ['*'], routes: [...routes, ...unmatched] }],
      // A route may name a cluster that arrives in its own file a moment later.
      validate_clusters: false,
    },
  ];
}

/** The internal listener sends everything to the shared pool. */
export function sharedPoolRoutes(timeoutMs: number): Json {
  return {
    name: sharedListener,
    virtual_hosts: [
      {
        name: sharedListener,
        domains: ['*'],
        routes: routesOf(
          { path: { prefix: '/' }, headers: [] },
          clusterOf(sharedPoolName),
          'fallback',
          timeoutMs,
        ),
      },
    ],
  };
}
