/**
 * Rules → Envoy’s route configuration. One virtual host serves every host. Its matcher finds the category by maps, so a
 * request costs the same with one category as with a thousand: first a map for each header name, then the whole path and the
 * longest prefix of it, then the host, then the path `/`, then what matches no rule. That is the order of
 * `core/routing/precedence.ts`.
 */
import { byPrecedence } from '../../../core/routing/precedence';
import type { RoutingRule } from '../../../core/routing/rule';
import { sharedPoolName } from '../../../ports/routingTable';
import {
  categoryStat,
  clusterOf,
  routeConfiguration,
  sharedListener,
  unmatchedStat,
  virtualHost,
} from '../statNames';
import { any, type Message } from '../xds/messages';
import { retryPolicy, routes } from './routeActions';

export const routeConfigurationType = 'envoy.config.route.v3.RouteConfiguration';

type Matcher = Message;
type OnMatch = Message;

const header = (name: string): Message => ({
  name,
  typed_config: any('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', { header_name: name }),
});

const routeList = (name: string, list: readonly Message[]): OnMatch => ({
  action: { name, typed_config: any('envoy.config.route.v3.RouteList', { routes: list }) },
});

/** Made once for each category: encoding them is most of the work for a table of a thousand. */
const actions = new Map<string, OnMatch>();
function actionOf(category: string): OnMatch {
  const made =
    actions.get(category) ?? routeList(category, routes(clusterOf(category), categoryStat(category)));
  actions.set(category, made);
  return made;
}

/** What `else` does if nothing in the map matches. An empty map is left out: the proxy refuses one. */
function byMap(
  input: string,
  kind: 'exact_match_map' | 'prefix_match_map',
  map: Readonly<Record<string, OnMatch>>,
  otherwise: OnMatch,
): OnMatch {
  if (Object.keys(map).length === 0) return otherwise;
  return { matcher: { matcher_tree: { input: header(input), [kind]: { map } }, on_no_match: otherwise } };
}

/** Entries in order of precedence; of two with the same key the first counts. */
function mapOf(entries: readonly (readonly [string, OnMatch])[]): Record<string, OnMatch> {
  return Object.fromEntries([...entries].reverse());
}

const matchesRegex = (input: string, regex: string): Message => ({
  single_predicate: { input: header(input), value_match: { safe_regex: { regex, google_re2: {} } } },
});

/** Header rules by name of the header: a name whose value matches nothing leaves the request to the next name. */
function byHeader(rules: readonly RoutingRule[], otherwise: OnMatch): OnMatch {
  const names = new Map<string, [string, OnMatch][]>();
  for (const { category, match } of rules)
    if ('header' in match) {
      const { name, value } = match.header;
      names.set(name, [...(names.get(name) ?? []), [value, actionOf(category)]]);
    }
  if (names.size === 0) return otherwise;
  const [only] = names;
  if (names.size === 1 && only !== undefined)
    return byMap(only[0], 'exact_match_map', mapOf(only[1]), otherwise);
  return {
    matcher: {
      matcher_list: {
        matchers: [...names].map(([name, entries]) => ({
          predicate: matchesRegex(name, '(?s).*'),
          on_match: {
            matcher: { matcher_tree: { input: header(name), exact_match_map: { map: mapOf(entries) } } },
          },
        })),
      },
      on_no_match: otherwise,
    },
  };
}

/** A prefix ends at a segment: `/cart` is the path itself, with a query, or followed by a slash. */
function byPath(rules: readonly RoutingRule[], otherwise: OnMatch): OnMatch {
  const paths = rules.flatMap(({ category, match }): [string, OnMatch][] =>
    'pathPrefix' in match && match.pathPrefix !== '/' ? [[match.pathPrefix, actionOf(category)]] : [],
  );
  const prefixes = paths.flatMap(([path, action]): [string, OnMatch][] => [
    [`${path}/`, action],
    [`${path}?`, action],
  ]);
  return byMap(
    ':path',
    'exact_match_map',
    mapOf(paths),
    byMap(':path', 'prefix_match_map', mapOf(prefixes), otherwise),
  );
}

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
const hasPort = (host: string): boolean => /:\d+$/.test(host);

/**
 * Hosts mean the same in any case, and maps compare bytes: a host with a capital letter, which hardly a client sends, is
 * compared with each rule. Without a port in the rule, any port matches.
 */
function byHost(rules: readonly RoutingRule[], otherwise: OnMatch): OnMatch {
  const hosts = rules.flatMap(({ category, match }): [string, string][] =>
    'host' in match ? [[match.host, category]] : [],
  );
  if (hosts.length === 0) return otherwise;
  const exact = hosts.map(([host, category]): [string, OnMatch] => [host, actionOf(category)]);
  const anyPort = exact.flatMap(([host, action]): [string, OnMatch][] =>
    hasPort(host) ? [] : [[`${host}:`, action]],
  );
  const inLowerCase = byMap(
    ':authority',
    'exact_match_map',
    mapOf(exact),
    byMap(':authority', 'prefix_match_map', mapOf(anyPort), otherwise),
  );
  const capitals = hosts.map(([host, category]) => ({
    predicate: matchesRegex(':authority', `(?i)${escapeRegex(host)}${hasPort(host) ? '' : '(:\\d+)?'}`),
    on_match: actionOf(category),
  }));
  return {
    matcher: {
      matcher_list: {
        matchers: [
          {
            predicate: matchesRegex(':authority', '.*[A-Z].*'),
            on_match: { matcher: { matcher_list: { matchers: capitals }, on_no_match: otherwise } },
          },
        ],
      },
      on_no_match: inLowerCase,
    },
  };
}

const unmatched = (): Message[] => routes(clusterOf(sharedPoolName), unmatchedStat);

/** The whole route configuration. Rules of categories that no longer have one may stay in the memory of actions. */
export function routeTable(rules: readonly RoutingRule[]): Message {
  const ordered = byPrecedence(rules);
  const everything = ordered.find(({ match }) => 'pathPrefix' in match && match.pathPrefix === '/');
  const last =
    everything === undefined ? routeList(unmatchedStat, unmatched()) : actionOf(everything.category);
  const first = byHeader(ordered, byPath(ordered, byHost(ordered, last)));
  return {
    name: routeConfiguration,
    virtual_hosts: [
      {
        name: virtualHost,
        domains: ['*'],
        retry_policy: retryPolicy(false),
        ...('matcher' in first
          ? { matcher: first.matcher as Matcher }
          : {
              routes:
                everything === undefined
                  ? unmatched()
                  : routes(clusterOf(everything.category), categoryStat(everything.category)),
            }),
      },
    ],
  };
}

/** The internal listener sends everything to the shared pool. */
export function sharedPoolRoutes(): Message {
  return {
    name: sharedListener,
    virtual_hosts: [
      {
        name: sharedListener,
        domains: ['*'],
        retry_policy: retryPolicy(false),
        routes: routes(clusterOf(sharedPoolName), 'fallback'),
      },
    ],
  };
}
