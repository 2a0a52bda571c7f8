/**
 * The settings of a category, written once. From this schema come the settings in use (`settings.ts`), the form that a
 * person writes and what may change while a category runs (`change.ts`), and the table in docs/category.md with the JSON
 * Schema (`settingsTable.ts`). A new setting is a field here, and the code that uses it.
 *
 * `description` is the row of the docs. `change: true` lets `configure` change the field while the category runs.
 * `unset` says what an absent field means.
 */
import { z } from 'zod';
import { routingMatch } from '../routing/rule';
import { plainText } from '../text/plainText';
import { durationWithin, writtenDuration } from '../time/duration';
import { instant } from '../time/instant';
import { demandProblem, demandSetting } from './demandSources';
import { categoryName } from './name';
import { defaultNodeProvider, type NodeProviderName, nodeProviderNames } from './nodeProviders';

const count = (min: number) => z.number().int().min(min).max(10_000);

const nodeTemplate = z
  .strictObject({
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(4)
      .meta({ description: 'requests that a node works on at the same time' }),
    serviceTime: durationWithin('1ms', '1h')
      .prefault('100ms')
      .meta({ description: 'how long a request takes' }),
    drain: durationWithin('1ms', '1h')
      .prefault('30s')
      .meta({ description: 'how long a removed node may finish what it has begun before it is killed' }),
    maxAge: durationWithin('1s', '3650d')
      .prefault('24h')
      .meta({ description: 'an older node is replaced, the new one first; its `expiry` tag says when' }),
  })
  .prefault({});

/** A node provider's own part: carried as written, parsed by the provider's schema (`adapters/nodes/registry.ts`). */
const providerPart: z.ZodType<
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, unknown>>
> = z.record(z.string(), z.json(), { error: 'expected a group of settings' });

const providerParts = Object.fromEntries(
  nodeProviderNames.map((name) => [
    name,
    providerPart.optional().meta({
      description: `settings of the node provider \`${name}\``,
      unset: 'its defaults',
    }),
  ]),
) as Record<NodeProviderName, z.ZodOptional<typeof providerPart>>;

export const categoryMode = z.enum(['active', 'forecast-only']);
export type CategoryMode = z.output<typeof categoryMode>;

const maintenanceWindow = z
  .strictObject({
    from: instant,
    to: instant,
    /** Nodes that are to be there when it begins; absent: what the demand of that time has needed. */
    nodes: count(0).optional(),
    reason: plainText(200).default('maintenance'),
  })
  .refine(({ from, to }) => to > from, { path: ['to'], error: 'expected an instant after "from"' });

/** Field by field, in the order of the docs; durations and instants as written, parsed to ms. */
export const writtenSettings = z
  .strictObject({
    name: categoryName.meta({
      description: "1 to 40 lower-case letters, digits, dashes; the workflow's id must be `category:<name>`",
    }),
    match: routingMatch.optional().meta({
      description:
        'which requests belong to it, exactly one of `{"header":{"name":"x-tenant","value":"acme"}}`, `{"pathPrefix":"/checkout"}`, `{"host":"shop.example.com"}`',
      unset: 'PAM does not route it: `demand` must name a source',
    }),
    demand: demandSetting.optional().meta({
      description: 'where its counts come from: exactly one source with its settings',
      change: true,
    }),
    mode: categoryMode
      .default('active')
      .meta({ description: '`forecast-only`: predicts, decides and records, has no node', change: true }),
    risk: z.number().min(1e-6).lt(0.5).default(0.01).meta({
      description:
        "accepted probability that demand over the lead window exceeds capacity; the owner's one knob",
      change: true,
    }),
    lead: durationWithin('1ms', '7d').prefault('5m').meta({
      description: 'from ordering a node to it taking traffic: where the measured lead time starts',
      change: true,
    }),
    leadMode: z.enum(['measured', 'fixed']).default('measured').meta({
      description:
        '`fixed`: planned with as configured, whatever the orders show; see [the lead time](#the-lead-time)',
      change: true,
    }),
    headroom: z
      .number()
      .min(0)
      .max(5)
      .default(0)
      .meta({ description: 'extra nodes on top of the forecast, `0.1` = 10 %', change: true }),
    nodes: z
      .strictObject({
        min: count(0).default(1).meta({ description: 'fewest planned nodes' }),
        max: count(1).default(20).meta({ description: 'most planned nodes' }),
        initial: count(0)
          .default(2)
          .meta({ description: 'allocation while there is neither history nor a measurement' }),
        maxStepUp: count(1)
          .optional()
          .meta({ description: 'most nodes that one decision adds', unset: 'no limit' }),
        maxStepDown: count(1)
          .optional()
          .meta({ description: 'most nodes that one decision gives up', unset: 'no limit' }),
        provider: z
          .enum(nodeProviderNames, { error: `expected one of ${nodeProviderNames.join(', ')}` })
          .default(defaultNodeProvider)
          .meta({
            description: 'where the nodes come from; each provider has a group of settings of its own',
            change: false,
          }),
      })
      .prefault({})
      .meta({ change: true }),
    weight: z.number().min(1e-6).max(1_000).default(1).meta({
      description:
        "what a late request costs relative to those of other categories, where the fleet's budget is scarce",
      change: true,
    }),
    requestsPerNodeSecond: z.number().min(1e-6).max(1e9).optional().meta({
      description: 'requests per second that one node serves, until the nodes have shown theirs',
      unset: 'concurrency ÷ service time × utilization',
      change: true,
    }),
    utilization: z.number().min(0.01).max(1).default(0.8).meta({
      description: 'highest average utilization of a node that still keeps the objective',
      change: true,
    }),
    scaleDownHold: z
      .union([z.literal('auto'), durationWithin('1ms', '1d')], {
        error: 'expected "auto" or a duration with its unit, such as "2m"',
      })
      .default('auto')
      .meta({
        description:
          'nodes are given up only if fewer were required for this long: chosen among none, 2, 5 and 10 minutes, or pinned by a duration such as `2m` (of at most a bin: no hold); see [the hold](#the-hold)',
        change: true,
      }),
    unhealthyGrace: durationWithin('1ms', '7d').optional().meta({
      description:
        'a node that took traffic and then fails its health check for this long is [replaced](#nodes-that-are-alive-but-unhealthy)',
      unset: 'the longer of `3m` and 3 bins',
      change: true,
    }),
    objective: z
      .strictObject({
        latency: durationWithin('1ms', '1h')
          .prefault('500ms')
          .meta({ description: 'a slower request is late' }),
        share: z
          .number()
          .min(0.001)
          .max(0.999_999)
          .default(0.99)
          .meta({ description: 'the share of requests that must not be late' }),
      })
      .prefault({})
      .meta({ change: true }),
    errorBudget: z
      .strictObject({
        bins: z
          .number()
          .int()
          .min(10)
          .max(10_080)
          .default(60)
          .meta({ description: 'the objective must hold over this many bins' }),
        headroom: z.number().min(0).max(5).default(0.25).meta({
          description: 'headroom that is added, while no node is given up, if the objective does not hold',
        }),
      })
      .prefault({})
      .meta({ change: true }),
    maintenance: z.array(maintenanceWindow).max(50).default([]).meta({
      description:
        'windows in which the nodes stay as they are: `[{"from":"2026-12-24T18:00:00Z","to":"2026-12-24T19:00:00Z","nodes":9,"reason":"switch"}]`; `nodes` and `reason` are optional',
      change: true,
    }),
    bin: durationWithin('250ms', '1d')
      .prefault('1m')
      .meta({ description: 'one step of the demand series, and the time between two ticks' }),
    day: durationWithin('1s', '31d')
      .prefault('24h')
      .meta({ description: 'the daily season; other values only in scaled replays such as the demo' }),
    horizons: z
      .array(durationWithin('1ms', '14d'))
      .min(1)
      .max(8)
      .prefault(['5m', '15m'])
      .meta({ description: 'how far ahead demand is predicted besides the lead window' }),
    node: nodeTemplate,
    ...providerParts,
    seed: z
      .number()
      .int()
      .min(0)
      .max(4_294_967_295)
      .default(1)
      .meta({ description: 'of everything that draws random numbers for this category' }),
  })
  .superRefine((settings, context) => {
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    // An unknown source has been refused already, and is not there any more.
    const demandRefused = context.issues.some(({ path }) => path?.[0] === 'demand');
    const noDemand = demandRefused ? null : demandProblem(settings.demand, settings.match);
    if (noDemand !== null) refuse(['match'], noDemand);
    const { min, max, initial, provider } = settings.nodes;
    for (const name of nodeProviderNames)
      if (name !== provider && settings[name] !== undefined)
        refuse([name], `expected no settings of this node provider: nodes.provider is "${provider}"`);
    if (min > max) refuse(['nodes', 'min'], `expected at most nodes.max (${max})`);
    if (initial > max || initial < min)
      refuse(['nodes', 'initial'], `expected between nodes.min (${min}) and nodes.max (${max})`);
    const bin = writtenDuration(settings.bin);
    if (settings.day % settings.bin !== 0) refuse(['day'], `expected a whole number of bins of ${bin}`);
    if (settings.lead < settings.bin) refuse(['lead'], `expected at least one bin (${bin})`);
    // What is predicted, and each step of the day, costs memory and time in every tick.
    const mostBins = (path: string, durationMs: number, most: number) => {
      if (durationMs > most * settings.bin) refuse([path], `expected at most ${most} bins of ${bin}`);
    };
    mostBins('lead', settings.lead, 10_080);
    mostBins('day', settings.day, 345_600);
    for (const ahead of settings.horizons) mostBins('horizons', ahead, 20_160);
  });
