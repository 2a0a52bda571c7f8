/**
 * Whoever reaches Temporal may start an activity with any input. Each activity parses what it gets and refuses what the
 * policy of its worker does not allow, before anything is done.
 */
import { ApplicationFailure } from '@temporalio/activity';
import fc from 'fast-check';
import {
  createAllocationActivities,
  createFeedActivities,
  createTrainingActivities,
} from '../../activities/createActivities';
import { checkProviderSettings, refusedNodeSettings } from '../../adapters/nodes/providerSettings';
import { type CategorySettings, categoryInput } from '../../core/category/settings';
import { feedDefinition } from '../../core/events/feed';
import type { Policy } from '../../core/policy/schema';
import { testPolicy } from '../support/policy';
import { memoryFleet } from './memoryStores';

const settings = (more: object = {}): CategorySettings =>
  categoryInput.parse({ name: 'shop', match: { pathPrefix: '/shop' }, ...more });

/** Every port notes that it was touched and fails: what is refused must not get that far. */
function untouchable() {
  const touched: string[] = [];
  const port = (name: string): never =>
    new Proxy(
      {},
      {
        get: (_, method) => () => {
          touched.push(`${name}.${String(method)}`);
          throw new Error('a port was reached');
        },
      },
    ) as never;
  return { touched, port };
}

function stage(policy: Policy = testPolicy()) {
  const { touched, port } = untouchable();
  const fleet = memoryFleet();
  const ports = Object.fromEntries(
    [
      ...['categories', 'demand', 'events', 'models', 'decisions', 'accuracy', 'nodes', 'leadTimes', 'holds'],
      ...['pool', 'demandSources', 'trainer', 'feeds', 'feedSource'],
    ].map((name) => [name, port(name)]),
  ) as never as Parameters<typeof createAllocationActivities>[0] &
    Parameters<typeof createTrainingActivities>[0] &
    Parameters<typeof createFeedActivities>[0];
  const deps = {
    ...ports,
    fleet,
    policy,
    checkProviderSettings,
    refusedNodeSettings: (one: CategorySettings) => refusedNodeSettings(one, policy),
    now: () => 1_800_000_000_000,
  };
  const activities = {
    ...createAllocationActivities(deps),
    ...createTrainingActivities(deps),
    ...createFeedActivities(deps),
  };
  return {
    touched,
    fleet,
    activities,
    async refused(name: keyof typeof activities, input: unknown): Promise<{ type: string; message: string }> {
      const activity = activities[name] as (given: unknown) => Promise<unknown>;
      const thrown: unknown = await activity(input).then(
        (result) => {
          throw new Error(`${name} did it: ${JSON.stringify(result)}`);
        },
        (error: unknown) => error,
      );
      if (!(thrown instanceof ApplicationFailure)) throw thrown;
      expect(thrown.nonRetryable).toBe(true);
      expect(touched).toEqual([]);
      return { type: String(thrown.type), message: thrown.message };
    },
  };
}

const order = (more: object = {}, nodes = 1) => ({
  settings: settings(more),
  nodes,
  replace: [],
  createdBy: 'category:shop/run',
});

test('no activity does anything with an input that its workflow could not have sent', async () => {
  const { activities, refused } = stage();
  for (const name of Object.keys(activities) as (keyof typeof activities)[])
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (input) => {
        // Any name is one that `loadFeed` may look up.
        fc.pre(!(name === 'loadFeed' && typeof input === 'string' && /^[a-z][a-z0-9-]*$/.test(input)));
        expect((await refused(name, input)).type).toBe('INVALID_INPUT');
      }),
      { numRuns: 40 },
    );
});

test('settings in the form of the workflow are parsed like those of a person', async () => {
  const { refused } = stage();
  for (const [change, field] of [
    [{ name: '../../etc' }, 'settings.name'],
    [{ name: 'shared' }, 'settings.name'],
    [{ binMs: -1 }, 'settings.bin'],
    [{ binMs: Number.POSITIVE_INFINITY }, 'settings.bin'],
    [{ nodes: { ...settings().nodes, max: 1e9 } }, 'settings.nodes.max'],
    [{ match: { pathPrefix: '/a\nb' } }, 'settings.match'],
    [{ risk: '0.5' }, 'settings.risk'],
  ] as const) {
    const told = await refused('scale', { ...order(), settings: { ...settings(), ...change } });
    expect([field, told.message]).toEqual([field, expect.stringContaining(field)]);
  }
});

test('a command runs only if the policy lists it, argument by argument', async () => {
  const asked = { local: { command: ['/bin/sh', '-c', 'curl evil'] } };
  for (const policy of [
    testPolicy(),
    testPolicy({ commands: [['/bin/sh']] }),
    testPolicy({ commands: [['/bin/sh', '-c', 'curl']] }),
    testPolicy({ templates: { web: { command: ['/bin/sh', '-c', 'curl evil'] } } }),
  ])
    for (const name of ['registerCategory', 'scale'] as const) {
      const told = await stage(policy).refused(name, name === 'scale' ? order(asked) : settings(asked));
      expect(told.type).toBe('DENIED');
      expect(told.message).toMatch(/local\.command.*policy\.commands in pam\.yaml/);
    }
  const listed = stage(testPolicy({ commands: [['/bin/sh', '-c', 'curl evil']] }));
  await expect(listed.activities.registerCategory(settings(asked))).rejects.toThrow('a port was reached');
});

test.each([
  ['a template that there is not', { template: 'nope' }, 'policy.templates'],
  ['a template by the name of what every object has', { template: 'constructor' }, 'policy.templates'],
  ['a variable', { env: { COLOUR: 'red' } }, 'policy.environment'],
  ['a loader', { env: { LD_PRELOAD: '/tmp/x.so' } }, 'policy.environment'],
  ['a secret as a value', { env: { DB_PASSWORD: 'hunter2' } }, 'envFrom'],
  ['a variable of the worker', { envFrom: { A: { variable: 'DATABASE_URL' } } }, 'policy.secrets.variables'],
  ['a file', { envFrom: { A: { file: '/etc/shadow' } } }, 'policy.secrets.folders'],
])('%s is refused by default, with the setting that would allow it', async (_, local, setting) => {
  const told = await stage().refused('registerCategory', settings({ local }));
  expect(told.type).toBe('DENIED');
  expect(told.message).toContain(setting);
  expect(told.message).not.toContain('hunter2');
});

test('a wildcard does not cover what loaders, interpreters and PAM itself obey', async () => {
  const open = testPolicy({
    environment: ['*'],
    secrets: { variables: ['*'], folders: ['/run/secrets'] },
  });
  for (const name of ['LD_PRELOAD', 'NODE_OPTIONS', 'PATH', 'BASH_ENV', 'http_proxy', 'PYTHONSTARTUP'])
    expect(
      (await stage(open).refused('registerCategory', settings({ local: { env: { [name]: 'x' } } }))).message,
    ).toContain(name);
  for (const variable of ['DATABASE_URL', 'TEMPORAL_API_KEY', 'PULUMI_CONFIG_PASSPHRASE'])
    expect(
      (await stage(open).refused('registerCategory', settings({ local: { envFrom: { A: { variable } } } })))
        .message,
    ).toContain(variable);
  for (const file of [
    '/run/secrets/../../etc/shadow',
    '/run/secrets',
    '/run/secrets-of-others/a',
    'run/secrets/a',
  ])
    expect(
      (await stage(open).refused('registerCategory', settings({ local: { envFrom: { A: { file } } } })))
        .message,
    ).toContain('secrets.folders');
});

test('a category runs only under an allowed name', async () => {
  const policy = testPolicy({ categories: ['team-a-*', 'mail'] });
  expect((await stage(policy).refused('registerCategory', settings())).message).toContain(
    'policy.categories',
  );
  await expect(stage(policy).activities.registerCategory(settings({ name: 'team-a-x' }))).rejects.toThrow(
    'a port',
  );
});

describe('nodes', () => {
  const claim = (fleet: ReturnType<typeof memoryFleet>, category: string, wish: number) =>
    fleet.claim(
      { category, wish, min: 0, weight: 1, requestsPerNodeBin: 1, demand: { probabilities: [], peak: [] } },
      0,
      () => ({ granted: wish, reason: null }),
    );

  test('more than one category may have are never ordered', async () => {
    const world = stage();
    await claim(world.fleet, 'shop', 10_000);
    const told = await world.refused('scale', order({ nodes: { max: 10_000 } }, 10_000));
    expect(told).toMatchObject({
      type: 'DENIED',
      message: expect.stringContaining('policy.nodes.perCategory'),
    });
  });

  test('more than all categories may have together are never ordered', async () => {
    const world = stage(testPolicy({ nodes: { inAll: 30 } }));
    await claim(world.fleet, 'mail', 25);
    await claim(world.fleet, 'shop', 10);
    expect((await world.refused('scale', order({}, 10))).message).toContain('policy.nodes.inAll');
  });

  test('an order without a decision that granted it is not carried out', async () => {
    expect((await stage().refused('scale', order({}, 1))).message).toContain('its last decision was granted');
  });
});

describe('feeds', () => {
  const feed = (more: object) =>
    feedDefinition.parse({ name: 'm', type: 'calendar', categories: ['shop'], ...more });
  test.each([
    [{ file: '/etc/passwd' }, 'policy.feeds.folders'],
    [{ file: '/nowhere/feeds/../../etc/passwd' }, 'policy.feeds.folders'],
    [{ file: '/proc/self/environ' }, 'policy.feeds.folders'],
    [{ url: 'http://127.0.0.1/x', allowPrivate: true }, 'policy.feeds.networks'],
    [{ url: 'https://a.org/x', maxBytes: 100_000_000 }, 'policy.feeds.maxBytes'],
    [{ url: 'https://a.org/x', ahead: '52w' }, 'policy.feeds.ahead'],
    [{ url: 'https://a.org/x', past: '52w' }, 'policy.feeds.past'],
    [{ url: 'https://a.org/x', timeout: '1h' }, 'policy.feeds.timeout'],
    [{ url: 'https://a.org/x', every: '1ms' }, 'policy.feeds.every'],
  ])('%j is refused', async (more, setting) => {
    for (const [name, rest] of [
      ['fetchFeed', {}],
      ['storeEvents', { withdraw: false }],
    ] as const) {
      const told = await stage().refused(name, { definition: feed(more), ...rest });
      expect([told.type, told.message]).toEqual(['DENIED', expect.stringContaining(setting)]);
    }
  });

  test('a host is allowed by its name or as one below a domain', async () => {
    const policy = testPolicy({ feeds: { hosts: ['*.example.com', 'a.org'] } });
    for (const url of [
      'https://example.com/x',
      'https://evilexample.com/',
      'https://b.org/',
      'http://a.org.evil.net/',
    ])
      expect((await stage(policy).refused('fetchFeed', { definition: feed({ url }) })).message).toContain(
        'policy.feeds.hosts',
      );
    for (const url of ['https://cal.example.com/x', 'https://A.ORG/', 'https://a.org./'])
      await expect(stage(policy).activities.fetchFeed({ definition: feed({ url }) })).rejects.toThrow(
        'a port was reached',
      );
  });
});
