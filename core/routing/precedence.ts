/**
 * Rules in → the order in which a proxy tries them, most specific first, and which two rules mean the same requests.
 * A header is a deliberate label and beats a path; a longer path beats a shorter; any path beats a host; a host with its
 * port beats the host alone; the path `/`, which is every request, comes last. Rules of one rank that could match the same
 * request go by name.
 */
import { withoutEnding } from '../text/withoutEnding';
import type { RoutingMatch, RoutingRule } from './rule';

/** The same requests in the same words: header names and hosts in lower case, a path without its last slash. */
export function normalizeMatch(match: RoutingMatch): RoutingMatch {
  if ('header' in match)
    return { header: { name: match.header.name.toLowerCase(), value: match.header.value } };
  if ('host' in match) return { host: match.host.toLowerCase() };
  return { pathPrefix: withoutEnding(match.pathPrefix, '/') || '/' };
}

/** Equal for two matches exactly when they mean the same requests. */
export function matchKey(match: RoutingMatch): string {
  return JSON.stringify(normalizeMatch(match));
}

/** Whether two rules mean the same requests; what is not routed shares none. */
export function sameRequests(one: RoutingMatch | undefined, other: RoutingMatch | undefined): boolean {
  return one !== undefined && other !== undefined && matchKey(one) === matchKey(other);
}

function rank(match: RoutingMatch): number {
  if ('header' in match) return 0;
  if ('host' in match) return 2;
  return match.pathPrefix === '/' ? 3 : 1;
}

/** A copy in order of precedence, with matches normalized; the same rules give the same order. */
export function byPrecedence(rules: readonly RoutingRule[]): RoutingRule[] {
  return rules
    .map((rule) => ({ category: rule.category, match: normalizeMatch(rule.match) }))
    .sort((a, b) => {
      const byRank = rank(a.match) - rank(b.match);
      if (byRank !== 0) return byRank;
      if ('pathPrefix' in a.match && 'pathPrefix' in b.match) {
        const byLength = b.match.pathPrefix.length - a.match.pathPrefix.length;
        if (byLength !== 0) return byLength;
      }
      if ('host' in a.match && 'host' in b.match) {
        const byPort = Number(b.match.host.includes(':')) - Number(a.match.host.includes(':'));
        if (byPort !== 0) return byPort;
      }
      const [left, right] = [matchKey(a.match), matchKey(b.match)];
      return left < right ? -1 : left > right ? 1 : 0;
    });
}
