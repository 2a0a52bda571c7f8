/**
 * What a category is, as its owner states it (`categoryInput`: a name and a match rule, the rest has defaults) and as
 * the system uses it (`CategorySettings`: every duration in ms). Runs inside the workflow, so it is pure and light.
 */
import ms from 'ms';
import { z } from 'zod';

/** `90s`, `5m`, `1.5h`, `250ms`; a positive duration with its unit. Yields milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?\s*(ms|s|m|h|d|w)$/, 'expected a duration with its unit, such as "30s", "5m" or "24h"')
  .transform((text) => ms(text as ms.StringValue))
  .refine((value) => value > 0, 'expected a duration above zero');

export const categoryName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'expected 1 to 40 lower-case letters, digits or dashes that start with a letter, such as "checkout"',
  )
  .refine((name) => name !== 'shared', 'expected another name: "shared" is the pool of unmatched requests');

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

const nodeTemplate = z
  .strictObject({
    /** Command of one node; it must listen on `$PORT` and answer 200 on `healthPath`. Absent: the built-in HTTP node. */
    command: z.array(z.string().min(1)).min(1).optional(),
    env: z.record(z.string(), z.string()).default({}),
    healthPath: z.string().startsWith('/').default('/healthz'),
    /** Requests that one node works on at the same time. */
    concurrency: z.number().int().min(1).max(10_000).default(4),
    /** Of the built-in node: how long a request takes, and how long the node takes to come up. */
    serviceTime: duration.default(100),
    bootTime: duration.default(1_000),
    /** How long a removed node may finish what it has begun before it is killed. */
    drain: duration.default(30_000),
    /** A node older than this is replaced; its `expiry` tag says when. */
    maxAge: duration.default(24 * 3_600_000),
  })
  .prefault({});

export const categoryMode = z.enum(['active', 'forecast-only']);
export type CategoryMode = z.infer<typeof categoryMode>;

const leadMode = z.enum(['measured', 'fixed']);

const scaleDownHold = z.union([z.literal('auto'), duration], {
  error: 'expected "auto" or a duration with its unit, such as "2m"',
});

export const instant = z.iso
  .datetime({ offset: true, error: 'expected an instant with its zone, such as "2026-12-24T18:00:00Z"' })
  .transform((text) => Date.parse(text));

const maintenanceWindow = z
  .strictObject({
    from: instant,
    to: instant,
    /** Nodes that are to be there when it begins; absent: what the demand of that time has needed. */
    nodes: z.number().int().min(0).max(10_000).optional(),
    reason: z.string().max(200).default('maintenance'),
  })
  .refine(({ from, to }) => to > from, { path: ['to'], error: 'expected an instant after "from"' });

const tunable = {
  mode: categoryMode.default('active'),
  /** Accepted probability that demand over the lead window exceeds capacity. */
  risk: z.number().gt(0).lt(0.5).default(0.01),
  /** From ordering a node to it taking traffic. */
  lead: duration.default(5 * 60_000),
  /** `measured`: `lead` is where it starts, then what the orders show; `fixed`: as configured. */
  leadMode: leadMode.default('measured'),
  /** Extra nodes on top of what the forecast asks for, as a fraction: 0.1 = 10 % more. */
  headroom: z.number().min(0).max(5).default(0),
  nodes: z
    .strictObject({
      min: z.number().int().min(0).max(10_000).default(1),
      max: z.number().int().min(1).max(10_000).default(20),
      /** Allocation of a category without history. */
      initial: z.number().int().min(0).max(10_000).default(2),
      /** Most nodes that one decision adds or gives up; absent: no limit. */
      maxStepUp: z.number().int().min(1).max(10_000).optional(),
      maxStepDown: z.number().int().min(1).max(10_000).optional(),
    })
    .prefault({}),
  /** What a late request costs relative to those of other categories, when the fleet's budget does not reach for all. */
  weight: z.number().gt(0).max(1_000).default(1),
  /** Requests per second that one node serves; a start that is replaced by what the nodes show. Absent: concurrency ÷ service time × utilization. */
  requestsPerNode: z.number().gt(0).optional(),
  /** Highest average utilization of a node that still keeps the objective. */
  utilization: z.number().gt(0).max(1).default(0.8),
  /** Nodes are given up only when fewer were required for this long; `auto`: chosen by what it would have cost lately. */
  scaleDownHold: scaleDownHold.default('auto'),
  /** A node that took traffic and is unhealthy for so long is replaced; absent: the longer of three minutes and three bins. */
  unhealthyGrace: duration.optional(),
  /** A request slower than this is late; `share` of the requests must not be. */
  objective: z
    .strictObject({ latency: duration.default(500), share: z.number().gt(0).lt(1).default(0.99) })
    .prefault({}),
  /** While more requests than the objective allows were late over so many bins, no node is given up and more are asked for. */
  errorBudget: z
    .strictObject({
      bins: z.number().int().min(10).max(10_080).default(60),
      headroom: z.number().min(0).max(5).default(0.25),
    })
    .prefault({}),
  /** Times at which the nodes are left as they are. */
  maintenance: z.array(maintenanceWindow).max(50).default([]),
};

export const categoryInput = z
  .strictObject({
    name: categoryName,
    match: routingMatch,
    ...tunable,
    bin: duration.default(60_000),
    /** Length of the daily season; other than 24h only in scaled replays. */
    day: duration.default(86_400_000),
    horizons: z
      .array(duration)
      .min(1)
      .max(8)
      .default([5 * 60_000, 15 * 60_000]),
    node: nodeTemplate,
    seed: z.number().int().min(0).default(1),
  })
  .superRefine((settings, context) => {
    const { min, max, initial } = settings.nodes;
    if (min > max)
      context.addIssue({
        code: 'custom',
        path: ['nodes', 'min'],
        message: `expected at most nodes.max (${max})`,
      });
    if (initial > max || initial < min)
      context.addIssue({
        code: 'custom',
        path: ['nodes', 'initial'],
        message: `expected between nodes.min (${min}) and nodes.max (${max})`,
      });
    if (settings.day % settings.bin !== 0)
      context.addIssue({
        code: 'custom',
        path: ['day'],
        message: `expected a whole number of bins of ${settings.bin} ms`,
      });
    if (settings.lead < settings.bin)
      context.addIssue({
        code: 'custom',
        path: ['lead'],
        message: `expected at least one bin (${settings.bin} ms)`,
      });
  });

/** As written by a person: only `name` and `match` are needed. */
export type CategoryInput = z.input<typeof categoryInput>;
/** As used: defaults filled in, every duration in milliseconds. */
export type CategorySettings = z.output<typeof categoryInput>;
export type NodeTemplate = CategorySettings['node'];

/** What `configure` may change while the category runs. Given fields replace the old ones; null = back to the default. */
export const categoryChange = z
  .strictObject({
    mode: categoryMode.nullable(),
    risk: z.number().gt(0).lt(0.5).nullable(),
    lead: duration.nullable(),
    leadMode: leadMode.nullable(),
    headroom: z.number().min(0).max(5).nullable(),
    nodes: z
      .strictObject({
        min: z.number().int().min(0).max(10_000).nullable(),
        max: z.number().int().min(1).max(10_000).nullable(),
        initial: z.number().int().min(0).max(10_000).nullable(),
        maxStepUp: z.number().int().min(1).max(10_000).nullable(),
        maxStepDown: z.number().int().min(1).max(10_000).nullable(),
      })
      .partial()
      .nullable(),
    weight: z.number().gt(0).max(1_000).nullable(),
    requestsPerNode: z.number().gt(0).nullable(),
    utilization: z.number().gt(0).max(1).nullable(),
    scaleDownHold: scaleDownHold.nullable(),
    unhealthyGrace: duration.nullable(),
    objective: z
      .strictObject({ latency: duration.nullable(), share: z.number().gt(0).lt(1).nullable() })
      .partial()
      .nullable(),
    errorBudget: z
      .strictObject({
        bins: z.number().int().min(10).max(10_080).nullable(),
        headroom: z.number().min(0).max(5).nullable(),
      })
      .partial()
      .nullable(),
    maintenance: z.array(maintenanceWindow).max(50).nullable(),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'expected at least one setting to change');
export type CategoryChange = z.output<typeof categoryChange>;

/** Messages of a failed parse, one a field, each naming where: `nodes.min: expected …`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || '(input)'}: ${issue.message}`).join('; ');
}
