/** Which requests belong to a category. Exactly one way to match; the most specific rule wins. */
import { z } from 'zod';
import { hostAndPort, matchablePath } from './grammar';

const headerName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'expected an HTTP header name, such as "x-category"');

export const routingMatch = z.union(
  [
    z.strictObject({
      header: z.strictObject({
        name: headerName,
        value: z
          .string()
          .max(256)
          .regex(
            /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/,
            'expected printable ASCII without blanks at its ends, since a proxy cuts those off',
          ),
      }),
    }),
    z.strictObject({ pathPrefix: matchablePath }),
    z.strictObject({ host: hostAndPort }),
  ],
  { error: 'expected exactly one of {"header":{"name","value"}}, {"pathPrefix":"/path"} or {"host":"name"}' },
);
export type RoutingMatch = z.output<typeof routingMatch>;

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
