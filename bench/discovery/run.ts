/**
 * A proxy with many categories, beside rivals in the same run: one with a static route, one that nobody changes, one that
 * nobody asks. node -r ./test/support/compileTypeScript.js bench/discovery/run.ts [--fast]; servers are obtained as for the
 * tests, or named by DATABASE_URL and PAM_ENVOY.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEnvoyAdmin, createEnvoyRoutingTable } from '../../adapters/envoy';
import { openRoutingStore } from '../../adapters/postgres/openRoutingStore';
import { findPort } from '../../installation/servers/ports';
import { postgresUrl, startPostgresServer } from '../../installation/servers/postgresServer';
import { stopProcess } from '../../installation/servers/process';
import { findTool } from '../../installation/tools/findTool';
import { atMost, writeFragment } from '../fragment';
import { staticBootstrap } from './rival';
import {
  addressOf,
  createStage,
  headerOf,
  memoryMb,
  nameOf,
  processorMs,
  runEnvoy,
  seed,
  startNodes,
  waitFor,
} from './stage';

const fast = process.argv.includes('--fast');
const sizes = { categories: fast ? 200 : 1_000, endpoints: 10 };
const rounds = fast ? 1_500 : 6_000;
const changes = fast ? 100 : 1_000;
const report = (line: string) => process.stderr.write(`${line}\n`);

const agent = new HttpAgent({ keepAlive: true, maxSockets: 4 });

/** Who answered, the status, and after how long, ms. */
function ask(
  entry: string,
  headers: Record<string, string>,
): Promise<{ status: number; by: string; tookMs: number }> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const failed = () => resolve({ status: 0, by: '', tookMs: performance.now() - begun });
    httpRequest(entry, { agent, headers }, (answer) => {
      let by = '';
      answer.on('data', (part) => {
        by += part;
      });
      answer.on('error', failed);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, by, tookMs: performance.now() - begun }),
      );
    })
      .on('error', failed)
      .end();
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The same number of requests to each of two, in turn, so that what the machine does meets both. */
async function inTurn(
  one: () => ReturnType<typeof ask>,
  other: () => ReturnType<typeof ask>,
  go: (index: number) => boolean,
): Promise<{ one: number[]; other: number[]; failed: number }> {
  const took = { one: [] as number[], other: [] as number[], failed: 0 };
  for (let index = 0; go(index); index++)
    for (const [name, call] of index % 2 === 0
      ? ([
          ['one', one],
          ['other', other],
        ] as const)
      : ([
          ['other', other],
          ['one', one],
        ] as const)) {
      const { status, tookMs } = await call();
      if (status !== 200) took.failed++;
      took[name].push(tookMs);
    }
  return took;
}

async function main(): Promise<void> {
  const envoyBinary = process.env.PAM_ENVOY || (await findTool('envoy', report));
  const folder = mkdtempSync(join(tmpdir(), 'pam-bench-discovery-'));
  chmodSync(folder, 0o711);
  const port = await findPort();
  const database = await startPostgresServer(
    {
      binaries: process.env.PAM_POSTGRES || (await findTool('postgres', report)),
      ...{ folder, port, password: 'bench', log: join(folder, 'postgres.log'), detached: false },
    },
    report,
  );
  const databaseUrl = postgresUrl(port, 'bench', 'postgres');
  const nodes = await startNodes();
  const stage = await createStage(databaseUrl, envoyBinary);
  try {
    await seed(databaseUrl, sizes, nodes.port);
    const begun = performance.now();
    const discovery = await stage.startDiscovery();
    const envoy = await stage.startEnvoy();
    const last = sizes.categories - 1;
    await waitFor('the last category is served by its own nodes', async () => {
      const { status, by } = await ask(stage.entry, headerOf(last));
      return status === 200 && by.startsWith(addressOf(last, 0).split('.').slice(0, 3).join('.'));
    });
    const startedS = (performance.now() - begun) / 1_000;
    const startCpuS = (processorMs(envoy.pid) + processorMs(discovery.pid)) / 1_000;
    const [envoyMb, discoveryMb] = [memoryMb(envoy.pid), memoryMb(discovery.pid)];
    report(
      `start ${startedS.toFixed(1)} s (${startCpuS.toFixed(1)} s of processor), ${envoyMb.toFixed(0)} MB and ${discoveryMb.toFixed(0)} MB`,
    );

    // Latency beside one static route to the same node.
    const rival = await runEnvoy(envoyBinary, folder, (admin, listen) => {
      const file = join(folder, 'rival.json');
      writeFileSync(file, JSON.stringify(staticBootstrap(admin, listen, addressOf(0, 0), nodes.port)));
      return file;
    });
    const pam = () => ask(stage.entry, headerOf(last));
    const fixed = () => ask(rival.entry, headerOf(0));
    await inTurn(pam, fixed, (index) => index < 200);
    const idle = await inTurn(pam, fixed, (index) => index < rounds);
    const median = quantile(idle.one, 0.5) / quantile(idle.other, 0.5);
    const p99 = quantile(idle.one, 0.99) / quantile(idle.other, 0.99);
    report(`routing: ${median.toFixed(3)} at the median, ${p99.toFixed(3)} at p99`);

    // An endpoint that comes: from the call to the first request on it.
    const store = openRoutingStore({ url: databaseUrl });
    const table = createEnvoyRoutingTable({ store, adminUrl: stage.adminUrl });
    const added: number[] = [];
    for (let index = 0; index < (fast ? 10 : 40); index++) {
      const pool = `new${index}`;
      const host = addressOf(index, 200);
      await table.putRule({ category: pool, match: { header: { name: 'x-category', value: pool } } });
      const from = performance.now();
      const put = table.putEndpoint(pool, { id: host, host, port: nodes.port, healthPath: '/healthz' });
      while ((await ask(stage.entry, { 'x-category': pool })).by !== host) await sleep(1);
      added.push(performance.now() - from);
      await put;
    }
    report(
      `endpoint added: ${quantile(added, 0.5).toFixed(0)} ms, at most ${Math.max(...added).toFixed(0)} ms`,
    );

    // Others during changes; the rival is changed by nobody.
    let changing = true;
    const work = (async () => {
      for (let index = 0; index < changes; index++) {
        const pool = nameOf(index % (sizes.categories / 2));
        const host = addressOf(index % 250, 201);
        if (index % 10 === 9)
          await table.putRule({ category: `rule${index}`, match: { pathPrefix: `/rule${index}` } });
        else if (index % 2 === 0)
          await table.putEndpoint(pool, { id: host, host, port: nodes.port, healthPath: '/healthz' });
        else
          await table.removeEndpoint(
            nameOf((index - 1) % (sizes.categories / 2)),
            addressOf((index - 1) % 250, 201),
          );
      }
      changing = false;
    })();
    const busy = await inTurn(pam, fixed, () => changing);
    await work;
    const disturbed = quantile(busy.one, 0.99) / quantile(busy.other, 0.99);
    report(`during ${changes} changes: ${busy.failed} failed, p99 ${disturbed.toFixed(3)}`);

    // Being measured: each category's look a minute, beside a time without.
    const admin = createEnvoyAdmin(stage.adminUrl);
    const share = async (looks: boolean): Promise<number> => {
      const [from, before, seconds] = [performance.now(), processorMs(envoy.pid), fast ? 10 : 30];
      // The collector's own, once a bin for all.
      if (looks) await admin.counters(true);
      while (performance.now() - from < seconds * 1_000) {
        if (looks) {
          const category = nameOf(Math.floor(Math.random() * sizes.categories));
          await Promise.all([admin.counters(), table.health(category)]);
        }
        await sleep(60_000 / sizes.categories);
      }
      return (processorMs(envoy.pid) - before) / (performance.now() - from);
    };
    const [unmeasured, measured] = [await share(false), await share(true)];
    report(
      `processor: ${(measured * 100).toFixed(1)} % with looks, ${(unmeasured * 100).toFixed(1)} % without`,
    );
    await Promise.all([admin.close(), table.close(), store.close()]);
    await rival.end();

    writeFragment({
      name: 'discovery',
      title: 'Discovery and the proxy',
      commands: ['make bench DISCOVERY=1'],
      fast,
      bars: [
        atMost(
          `start of ${sizes.categories} categories with ${sizes.endpoints} endpoints each`,
          startedS,
          10,
          null,
          ' s',
        ),
        atMost('memory of Envoy', envoyMb, 250, null, ' MB'),
        atMost('memory of discovery', discoveryMb, 150, null, ' MB'),
        atMost('endpoint added, to the first request on it, slowest', Math.max(...added), 100, null, ' ms'),
        atMost(`failed requests of others during ${changes} changes`, busy.failed, 0, null),
        atMost('p99 of others during them ÷ a proxy that nobody changes', disturbed, 1.1, null),
        atMost('median latency ÷ one static route', median, 1.1, null),
        atMost('p99 latency ÷ one static route', p99, 1.1, null),
        atMost('processor of Envoy, every category looked at once a minute', measured * 100, 5, null, ' %'),
      ],
      text: `The start took ${startCpuS.toFixed(1)} s of processor time. Latencies come from ${idle.one.length} requests to each proxy in turn (median ${quantile(idle.one, 0.5).toFixed(2)} and ${quantile(idle.other, 0.5).toFixed(2)} ms), and ${busy.one.length} to each during the changes, of which a tenth were new rules. An endpoint was served after ${quantile(added, 0.5).toFixed(0)} ms at the median. Without looks Envoy took ${(unmeasured * 100).toFixed(1)} % of a core, for ${sizes.categories * sizes.endpoints} health-checked nodes.`,
    });
  } finally {
    await stage.close();
    nodes.child.kill();
    agent.destroy();
    await stopProcess(database, 'SIGINT', 10_000);
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
