/** Which requests belong to a category. Exactly one way to match; the most specific rule wins. */
import { z } from 'zod';

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'expected an HTTP header name, such as "x-category"');

export const routingMatch = z.union(
  [
    z.strictObject({
      header: z.strictObject({
        name: headerName,
        value: z.string().regex(/^[\x20-\x7e]+$/, 'expected printable ASCII'),
      }),
    }),
    z.strictObject({
      pathPrefix: z
        .string()
        .regex(
          /^\/[\x21-\x22\x24-\x3e\x40-\x7e]*$/,
          'expected a path that starts with "/", without ?, # or blanks',
        ),
    }),
    z.strictObject({
      host: z.string().regex(/^[A-Za-z0-9.-]+(:\d+)?$/, 'expected a host name, such as "shop.example.com"'),
    }),
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
