/**
 * Records the histories that the replay test guards: `npm run record-histories`, which finds or obtains the servers that
 * it needs; `-- SCENARIO …` records only these. Files are written when everything was recorded; with all scenarios, files
 * that none of them wrote are removed. From the first release on the histories of a release stay as long as its workflows
 * may run: a change of the order of commands then gets a `patched()` and a scenario of its own.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { Drift } from '../../core/evaluation/drift/drift';
import type { allocateCategory } from '../../workflows/allocation/allocateCategory';
import { type SyncEventsInput, signals, updates } from '../../workflows/contracts';
import type { syncEvents } from '../../workflows/feeds/syncEvents';
import { putTools } from '../support/testEnvironment';
import { testServers } from '../support/testServers';
import { FeedWorld } from './feedWorld';
import { SickWorld } from './sickWorld';
import { openShortStage, openStage, ScriptedWorld, type Stage, taskQueue, until } from './stage';

const folder = join(process.cwd(), 'test', 'histories');

/** Nothing depends on how quick the machine is: a recording may be made beside other work. */
const patienceMs = 180_000;

/** Lets the time of workflows pass until something has happened in them. */
async function pass(stage: Stage, holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await stage.env.sleep('10s');
  }
}

/** File names with their content, to be written when all went well. */
const recorded = new Map<string, string>();

/** Of the machine that records: where its files are, and what its processes are called. */
const ofTheMachine = new Map<string, string>([
  ['stackTrace', ''],
  ['identity', 'recorder'],
]);

/** `category:checkout` in scenario `x` goes to `category.checkout.x.json`: a replay needs the id. */
async function record(stage: Stage, workflowId: string, scenario: string, runId?: string): Promise<void> {
  const name = `${workflowId.replace(':', '.')}.${scenario}`;
  const history = await stage.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const content = JSON.parse(historyToJSON(history), (key, value) => ofTheMachine.get(key) ?? value);
  recorded.set(`${name}.json`, `${JSON.stringify(content, null, 2)}\n`);
  console.log(`${name}: ${history.events?.length} events`);
}

async function begin(stage: Stage, world: ScriptedWorld, input: { name: string } & Record<string, unknown>) {
  const handle = await stage.client.workflow.start<typeof allocateCategory>('allocateCategory', {
    workflowId: `category:${input.name}`,
    taskQueue,
    args: [input],
  });
  await until(() => world.names().includes('verify'), 'the first tick', patienceMs);
  return handle;
}

/** Every signal and update, a scale-up between two bins, a failing step, a training, a stop. */
async function everySignal(stage: Stage): Promise<void> {
  const world = new ScriptedWorld();
  world.trainingDue = 'no model yet';
  const activities = world.activities();
  let failing = false;
  world.activities = () => ({
    ...activities,
    predict: async (input) => {
      if (failing) throw Object.assign(new Error('no such model'), { name: 'INVALID_DATA' });
      return activities.predict(input);
    },
  });
  await stage.perform(world, async () => {
    const handle = await begin(stage, world, { name: 'checkout', match: { pathPrefix: '/checkout' } });
    await stage.env.sleep('1m');
    const now = await stage.env.currentTimeMs();
    await handle.signal(signals.calendarEvent, {
      name: 'sale',
      start: new Date(now + 60_000).toISOString(),
      duration: '10m',
      id: 'sale-1',
    });
    await handle.signal(signals.calendarEvent, { name: 'nonsense' });
    await stage.env.sleep('30s');
    await handle.signal(signals.calendarEvent, { withdraw: 'sale-1' });
    await handle.signal(signals.pause, { reason: 'deployment', for: '2m' });
    await stage.env.sleep('1m');
    await handle.signal(signals.resume);
    await handle.executeUpdate(updates.configure, { args: [{ risk: 0.003 }] });
    await handle.executeUpdate(updates.setNodes, { args: [{ nodes: 5, for: '1m', reason: 'test' }] });
    await stage.env.sleep('2m');
    world.scaleUp = { nodes: 9, reason: 'more is measured' };
    await stage.env.sleep('1m');
    failing = true;
    await stage.env.sleep('1m');
    failing = false;
    await handle.signal(signals.stop, { reason: 'recorded' });
    await handle.result();
  });
  await record(stage, 'category:checkout', 'every-signal');
  await record(stage, 'retrain:checkout', 'two-families');
}

async function forecastOnlyThenCancelled(stage: Stage): Promise<void> {
  const world = new ScriptedWorld();
  await stage.perform(world, async () => {
    const handle = await begin(stage, world, {
      name: 'search',
      match: { host: 'search.example.com' },
      mode: 'forecast-only',
    });
    await stage.env.sleep('2m');
    await handle.executeUpdate(updates.configure, { args: [{ mode: 'active' }] });
    await stage.env.sleep('1m');
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });
  await record(stage, 'category:search', 'forecast-only-cancelled');
}

/** A training by hand: what serves is judged too, a candidate fails, the search widens, and the model stays. */
async function keptAfterWideSearch(stage: Stage): Promise<void> {
  const world = new ScriptedWorld();
  world.training.incumbent = {
    modelId: 'search-boosted-0',
    configuration: { family: 'boosted', days: 28, parameters: {} },
    waste: 0.3,
    unseenBins: 10,
  };
  world.training.failing.prophet = Object.assign(new Error('not finite'), { name: 'INVALID_DATA' });
  await stage.perform(world, async () => {
    const handle = await stage.client.workflow.start('retrainCategory', {
      workflowId: 'retrain:search',
      taskQueue: `${taskQueue}-train`,
      args: [{ category: 'search', reason: 'by hand' }],
    });
    await handle.result();
  });
  await record(stage, 'retrain:search', 'kept-after-wide-search');
}

/** A feed that announces, moves and calls off; two categories, one of which does not run; the known feed called off. */
async function feedThatChanges(stage: Stage): Promise<void> {
  let nowMs = await stage.env.currentTimeMs();
  const world = new FeedWorld(() => nowMs);
  const sale = (startMs: number) => ({
    id: 'summer',
    name: 'Summer sale',
    categories: ['offers', 'elsewhere'],
    start: new Date(startMs).toISOString(),
    duration: '30m',
    uplift: 4,
  });
  const look = async (input: SyncEventsInput, scenario: string) => {
    nowMs = await stage.env.currentTimeMs();
    await stage.client.workflow
      .execute<typeof syncEvents>('syncEvents', { workflowId: 'sync:sales', taskQueue, args: [input] })
      .catch(() => undefined);
    await record(stage, 'sync:sales', scenario);
  };
  await stage.perform(world, async () => {
    const handle = await begin(stage, world, { name: 'offers', match: { pathPrefix: '/offers' } });
    const feed = { name: 'sales', type: 'campaign', url: 'http://shop.example/campaigns.json' } as const;
    world.content = JSON.stringify([sale(nowMs + 120_000), { name: 'no start' }]);
    await look(feed, 'announced');
    await stage.env.sleep('30s');
    world.content = JSON.stringify([sale(nowMs + 6 * 3_600_000)]);
    await look(feed, 'moved');
    await stage.env.sleep('1m');
    await look({ feed: 'sales', withdraw: true }, 'called-off');
    world.content = null;
    await look(feed, 'failed');
    await handle.signal(signals.stop, { reason: 'recorded' });
    await handle.result();
  });
  await record(stage, 'category:offers', 'told-by-a-feed');
}

/** Accuracy that gets worse, a level that drifts while trainings wait for a back-off, its training, and all is well. */
async function driftThatIsAnswered(stage: Stage): Promise<void> {
  const world = new ScriptedWorld();
  const accuracy = (relativeError: number, drifts: readonly Drift[]) => ({
    modelId: 'reports-boosted-0',
    relativeError,
    targets: [],
    drifts,
  });
  await stage.perform(world, async () => {
    const handle = await begin(stage, world, { name: 'reports', match: { pathPrefix: '/reports' } });
    world.accuracy = accuracy(0.8, []);
    await stage.env.sleep('2m');
    const detectedMs = await stage.env.currentTimeMs();
    const what = 'demand is 2.03 times what it was before, for its time of day';
    world.accuracy = accuracy(1.2, [{ kind: 'level', sinceMs: detectedMs - 1_200_000, detectedMs, what }]);
    await pass(stage, () => world.names().includes('promoteModel'), 'the training of the drift');
    await stage.env.sleep('2m');
    world.accuracy = accuracy(0.9, []);
    await stage.env.sleep('2m');
    await handle.signal(signals.stop, { reason: 'recorded' });
    await handle.result();
  });
  await record(stage, 'category:reports', 'drift-answered');
}

/** Nodes for a time to come, called off and asked for again; settings changed and taken back to their defaults. */
async function windowsAndDefaults(stage: Stage): Promise<void> {
  const world = new ScriptedWorld();
  await stage.perform(world, async () => {
    const handle = await begin(stage, world, { name: 'video', match: { pathPrefix: '/video' }, risk: 0.05 });
    const at = async (ms: number) => new Date((await stage.env.currentTimeMs()) + ms).toISOString();
    const ask = async (nodes: number, ms: number) =>
      handle.executeUpdate(updates.setNodes, {
        args: [{ nodes, from: await at(ms), for: '1m', reason: 'premiere' }],
      });
    await handle.executeUpdate(updates.configure, { args: [{ headroom: 0.5, nodes: { max: 40 } }] });
    await ask(5, 60_000);
    await handle.executeUpdate(updates.setNodes, { args: [{ nodes: null }] });
    await ask(9, 60_000);
    await stage.env.sleep('3m');
    await handle.executeUpdate(updates.configure, { args: [{ risk: null, headroom: null, nodes: null }] });
    await stage.env.sleep('1m');
    await handle.signal(signals.stop, { reason: 'recorded' });
    await handle.result();
  });
  await record(stage, 'category:video', 'windows-and-defaults');
}

/** A node that fails its health check is replaced; then most of them do, and none is. */
async function unhealthyNodes(stage: Stage): Promise<void> {
  const world = new SickWorld(() => stage.env.currentTimeMs());
  await stage.perform(world, async () => {
    const handle = await begin(stage, world, {
      name: 'images',
      match: { pathPrefix: '/images' },
      unhealthyGrace: '40s',
    });
    await stage.env.sleep('1m');
    world.ill.add('n0');
    await stage.env.sleep('4m');
    for (const { id } of world.nodes) world.ill.add(id);
    await stage.env.sleep('2m');
    await handle.signal(signals.stop, { reason: 'recorded' });
    await handle.result();
  });
  await record(stage, 'category:images', 'unhealthy-nodes');
}

/** A run that is full waits for its training, then goes on in the next one. Real time, on a server of its own. */
async function fullRun(): Promise<void> {
  const world = new ScriptedWorld();
  world.training.families = ['boosted'];
  world.trainingDue = 'no model yet';
  let release: (() => void) | null = null;
  world.training.pause = () => new Promise((resolve) => (release = resolve));
  const events = 60;
  const stage = await openShortStage(events);
  const play = async () => {
    const { firstExecutionRunId } = await begin(stage, world, {
      name: 'mail',
      match: { host: 'mail.example.com' },
      bin: '1s',
      lead: '2s',
    });
    const current = stage.client.workflow.getHandle('category:mail');
    const length = async () => (await current.describe()).historyLength;
    await until(async () => (await length()) > 2 * events && release !== null, 'a full run', patienceMs);
    release?.();
    await until(
      async () => (await current.describe()).runId !== firstExecutionRunId,
      'the next run',
      patienceMs,
    );
    await until(async () => (await length()) > events / 2, 'its first look', patienceMs);
    await current.signal(signals.stop, { reason: 'recorded' });
    await current.result();
    await record(stage, 'category:mail', 'full-waits-for-training', firstExecutionRunId);
    await record(stage, 'category:mail', 'goes-on-in-the-next-run');
  };
  // Its server would outlive a failure.
  await stage.perform(world, play).finally(() => stage.close());
}

const scenarios: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  everySignal,
  forecastOnlyThenCancelled,
  keptAfterWideSearch,
  feedThatChanges,
  driftThatIsAnswered,
  windowsAndDefaults,
  unhealthyNodes,
  fullRun,
};

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in scenarios));
  if (unknown.length > 0)
    throw new Error(`${unknown.join(', ')}: expected some of ${Object.keys(scenarios).join(', ')}`);
  await putTools(testServers(), ['temporal', 'temporal-test-server']);
  const stage = await openStage();
  for (const [name, play] of Object.entries(scenarios))
    if (names.length === 0 || names.includes(name)) await play(stage);
  await stage.close();

  await mkdir(folder, { recursive: true });
  if (names.length === 0)
    for (const file of await readdir(folder)) if (!recorded.has(file)) await rm(join(folder, file));
  for (const [file, content] of recorded) await writeFile(join(folder, file), content);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
