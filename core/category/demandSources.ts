/**
 * The sources that the demand of a category can come from, each with the schema of its own settings. A new source is an
 * entry here, one in `demand.ts` and one in `adapters/demand/registry.ts`: docs/extending/demand-source.md.
 */
import { z } from 'zod';

const parts = {
  envoy: z.strictObject({}).optional().meta({
    description: 'the proxy counts what `match` sends to the category; for categories with a `match` only',
    unset: 'the source, if there is a `match` and no other is named',
  }),
  imports: z.strictObject({}).optional().meta({
    description: 'nothing is measured live: the demand is what `pam import` stores',
    unset: 'not the source',
  }),
};

export type DemandSourceName = keyof typeof parts;

export const demandSourceNames = Object.keys(parts) as DemandSourceName[];

/** Sources that count what the proxy routes, so they need a rule. */
const routedSources: ReadonlySet<DemandSourceName> = new Set(['envoy']);

const expected = `expected one of ${demandSourceNames.join(', ')}`;

export const demandSetting = z
  .strictObject(parts, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `no such source of demand: ${(issue.keys as string[]).join(', ')}; ${expected}`
        : `${expected}, such as {"${demandSourceNames[0]}":{}}`,
  })
  .refine((demand) => namesIn(demand).length <= 1, {
    error: `one source a category, so that no request counts twice: ${expected}, and null for the one before`,
  });

type Demand = Readonly<Partial<Record<DemandSourceName, unknown>>> | undefined;

const namesIn = (demand: Demand): DemandSourceName[] =>
  demandSourceNames.filter((name) => demand?.[name] !== undefined);

/** The source that is named, or `envoy` for a category with a match; null if neither is there. */
export function chosenSource(demand: Demand, match: unknown): DemandSourceName | null {
  return namesIn(demand)[0] ?? (match === undefined ? null : 'envoy');
}

/** Why the settings can't be: no source at all, or one that needs a rule; null if they can. */
export function demandProblem(demand: Demand, match: unknown): string | null {
  const source = chosenSource(demand, match);
  const unrouted = demandSourceNames.filter((name) => !routedSources.has(name));
  const other = `"demand" with another source of its counts: ${unrouted.map((name) => `{"${name}":{}}`).join(', ')}`;
  if (source === null)
    return `expected which requests belong to it or, for a category that PAM does not route, ${other}`;
  if (match === undefined && routedSources.has(source))
    return `expected which requests belong to it, since "${source}" counts what is routed by it, or ${other}`;
  return null;
}
