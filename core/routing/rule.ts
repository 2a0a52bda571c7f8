/** Which requests belong to a category. Exactly one way to match; the most specific rule wins. */
export type RoutingMatch =
  | { readonly header: { readonly name: string; readonly value: string } }
  | { readonly pathPrefix: string }
  | { readonly host: string };

export interface RoutingRule {
  readonly category: string;
  readonly match: RoutingMatch;
}

/** One line for people: `header x-category=checkout`. */
export function describeMatch(match: RoutingMatch): string {
  if ('header' in match) return `header ${match.header.name}=${match.header.value}`;
  if ('pathPrefix' in match) return `path ${match.pathPrefix}*`;
  return `host ${match.host}`;
}
