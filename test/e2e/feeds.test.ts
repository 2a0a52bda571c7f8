/**
 * A calendar over HTTP, looked at by a real Schedule of a real Temporal, stored in PostgreSQL and told to a running
 * category; set up by `pam feed` and by the plain Temporal CLI.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection, type WorkflowFailedError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createFeedActivities } from '../../activities/createActivities';
import { createFeedSource } from '../../adapters/feeds';
import { type Database, migrate, openDatabase } from '../../adapters/postgres';
import { createReader } from '../../adapters/reader';
import { runCommandLine } from '../../cli/main';
import { receivePush } from '../../cli/webhook/receivePush';
import { categoryInput } from '../../core/category/settings';
import { type FeedDefinition, feedDefinition } from '../../core/events/feed';
import { readPush } from '../../core/events/push';
import { feedsQueueOf, queries, signals } from '../../workflows/contracts';
import { type FeedServer, openFeedServer } from '../adapters/feeds/feedServer';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { loopbackFeeds, testPolicy } from '../support/policy';
import { bundledWorkflows, quiet, ScriptedWorld } from '../workflows/stage';

jest.setTimeout(120_000);

const run = promisify(execFile);
const mark = randomBytes(3).toString('hex');
const feed = `matches-${mark}`;
const category = `football-${mark}`;
const taskQueue = `feeds-${mark}`;
const stamp = (timeMs: number) => new Date(timeMs).toISOString().replace(/[-:]|\.\d+/g, '');
const calendar = (...events: { uid: string; startMs: number; status?: string }[]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    ...events.flatMap(({ uid, startMs, status = 'CONFIRMED' }) => [
      'BEGIN:VEVENT',
      `UID:${uid}`,
      `DTSTART:${stamp(startMs)}`,
      `DTEND:${stamp(startMs + 7_200_000)}`,
      `SUMMARY:Match ${uid}`,
      `STATUS:${status}`,
      'CATEGORIES:match',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ].join('\r\n');

let web: FeedServer;
let postgres: TestDatabase;
let database: Database;
let connection: Connection;
let native: NativeConnection;
let client: Client;
const workers: Worker[] = [];
let running: Promise<unknown> = Promise.resolve();
const reader = createReader();
let state: string;
const policy = testPolicy(loopbackFeeds);
const world = new ScriptedWorld();
const kept = { ...process.env };
let content = '';
let version = 0;
const serve = (text: string) => {
  content = text;
  version++;
};

beforeAll(async () => {
  quiet();
  web = await openFeedServer();
  web.answers['/m.ics'] = (request, response) => {
    const etag = `"${version}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(content);
  };
  postgres = await createTestDatabase();
  await migrate(postgres.url);
  database = await openDatabase({ url: postgres.url });
  const address = process.env.TEMPORAL_ADDRESS ?? '';
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection });
  const common = { connection: native, workflowBundle: await bundledWorkflows() };
  // As in production: what serves the categories serves no feed.
  workers.push(
    await Worker.create({ ...common, taskQueue, activities: world.activities() }),
    await Worker.create({
      ...common,
      taskQueue: feedsQueueOf(taskQueue),
      activities: createFeedActivities({
        ...{ ...database, policy, feedSource: createFeedSource(reader, policy) },
        now: Date.now,
      }),
    }),
  );
  running = Promise.all(workers.map((worker) => worker.run()));
  state = mkdtempSync(join(tmpdir(), 'pam-feeds-'));
  Object.assign(process.env, { DATABASE_URL: postgres.url, PAM_TASK_QUEUE: taskQueue, PAM_STATE: state });
});

afterAll(async () => {
  process.env = kept;
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.includes(mark)) await client.schedule.getHandle(scheduleId).delete();
  for (const worker of workers) worker.shutdown();
  await running;
  await reader.close();
  await database?.close();
  await postgres?.drop();
  await native?.close();
  await connection?.close();
  await web?.close();
  if (state) rmSync(state, { recursive: true, force: true });
});

async function pam(...args: string[]): Promise<{ code: number; out: string }> {
  let out = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const complain = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    return { code: await runCommandLine(args), out };
  } finally {
    write.mockRestore();
    complain.mockRestore();
  }
}

async function eventually<T>(what: string, look: () => Promise<T | null | undefined | false>): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited 30 s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const known = () =>
  database.events.between(category, 0, Date.now() + 90 * 86_400_000).then((all) => all.map(({ id }) => id));

test('pam feed add, list, test, sync, remove: the Schedule looks by itself and the category hears of it', async () => {
  const handle = await client.workflow.start('allocateCategory', {
    workflowId: `category:${category}`,
    taskQueue,
    args: [{ name: category, match: { pathPrefix: '/' } }],
  });
  try {
    const soon = Date.now() + 120_000;
    serve(calendar({ uid: 'a', startMs: soon }, { uid: 'b', startMs: soon + 86_400_000 }));
    const define = ['--type', 'calendar', '--url', `${web.url}/m.ics`, '--category', category];

    expect(await pam('feed', 'test', feed, ...define)).toMatchObject({
      code: 77,
      out: expect.stringContaining('allowPrivate'),
    });
    const trial = await pam('feed', 'test', feed, ...define, '--allow-private');
    expect(trial.out).toMatch(/2 would be added:[\s\S]*Match a \(match\)[\s\S]*nothing was stored/);
    expect(await known()).toEqual([]);

    const added = await pam('feed', 'add', feed, ...define, '--allow-private', '--every', '1s');
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining(`${feed}: added`) });
    await eventually('the events in the store', async () => (await known()).length === 2);
    await eventually('the signal', async () => world.names().includes('recordEvents'));
    const { events } = await handle.fetchHistory();
    const signal = events?.find((event) => event.workflowExecutionSignaledEventAttributes);
    expect(signal?.workflowExecutionSignaledEventAttributes?.signalName).toBe('calendarEvent');

    // By itself: the next looks are answered with 304, then one of the two is called off and the other moves.
    await eventually('a look that found nothing new', async () =>
      web.asked.some(({ headers }) => headers['if-none-match'] === '"1"'),
    );
    serve(calendar({ uid: 'a', startMs: soon + 600_000 }, { uid: 'b', startMs: soon, status: 'CANCELLED' }));
    await eventually('the called-off event', async () => (await known()).join() === 'a');

    const listed = JSON.parse((await pam('feed', 'list', '--json')).out);
    expect(listed.find(({ name }: { name: string }) => name === feed)).toMatchObject({
      written: { name: feed, every: '1s' },
      known: { etag: expect.any(String), lastError: null },
    });
    expect((await pam('feed', 'sync', feed)).out).toMatch(/nothing changed, 1 events stand/);

    web.answers['/m.ics'] = (_, response) => response.writeHead(410).end();
    expect(await pam('feed', 'sync', feed)).toMatchObject({
      code: 66,
      out: expect.stringContaining('nothing changed'),
    });
    expect((await pam('feed', 'list')).out).toContain('last reading failed');
    expect(await known()).toEqual(['a']);

    const removed = await pam('feed', 'remove', feed);
    expect(removed).toMatchObject({ code: 0, out: expect.stringContaining('1 called off') });
    expect(await known()).toEqual([]);
    expect(await pam('feed', 'sync', feed)).toMatchObject({
      code: 66,
      out: expect.stringContaining('there is no feed'),
    });
  } finally {
    await handle.signal(signals.stop, { reason: 'end of the test' });
    await handle.result();
  }
});

test('a feed that hangs, sends too much, nonsense, endless work or a private address: only it is failed', async () => {
  const large = Buffer.alloc(1_000_000, 'x');
  Object.assign(web.answers, {
    '/hangs': () => undefined,
    '/drips': (_: unknown, response: ServerResponse) => {
      const drip = setInterval(() => (response.destroyed ? clearInterval(drip) : response.write(' ')), 50);
    },
    '/large': (_: unknown, response: ServerResponse) => {
      // 100 MB, unless the reader leaves.
      let left = 100;
      const more = () => {
        while (left-- > 0 && !response.destroyed) if (!response.write(large)) return;
        response.end();
      };
      response.on('drain', more);
      more();
    },
    '/garbage': (_: unknown, response: ServerResponse) => response.end(randomBytes(50_000)),
    '/inside': (_: unknown, response: ServerResponse) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    '/endless': (_: unknown, response: ServerResponse) =>
      response.end(
        calendar({ uid: 'never', startMs: Date.now() }).replace(
          'STATUS:CONFIRMED',
          'RRULE:FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2',
        ),
      ),
    '/good': (_: unknown, response: ServerResponse) =>
      response.end(calendar({ uid: `good-${mark}`, startMs: Date.now() + 3_600_000 })),
  });
  const look = (path: string) =>
    client.workflow
      .execute('syncEvents', {
        workflowId: `sync:${path}-${mark}`,
        taskQueue,
        args: [
          {
            ...{ name: `${path}-${mark}`, type: 'calendar', url: `${web.url}/${path}` },
            ...{ categories: [category], allowPrivate: true, timeout: '400ms' },
          },
        ],
      })
      .then(
        () => 'read',
        (error: WorkflowFailedError) => error.cause?.message ?? error.message,
      );
  const paths = ['hangs', 'drips', 'large', 'garbage', 'inside', 'endless', 'good'];
  const told = await Promise.all(paths.map(look));
  const reasons = [
    ...[/not read within 400 ms/, /not read within 400 ms/, /larger than 5000000 bytes|not read within/],
    ...[/no iCalendar file/, /169\.254\.169\.254.*policy\.feeds\.networks/],
    /line 3, event "never": its rule finds no further date .*\(limit: steps\)/,
  ];
  for (const [index, reason] of reasons.entries())
    expect(told[index]).toMatch(new RegExp(`^nothing changed: .*${reason.source}`));
  expect(told.at(-1)).toBe('read');
  expect(await known()).toContain(`good-${mark}`);
  const records = await database.feeds.list();
  for (const [index, reason] of reasons.entries())
    expect(
      records.find(({ definition }) => definition.name === `${paths[index]}-${mark}`)?.lastError,
    ).toMatch(reason);
});

test('the same with the plain Temporal CLI, as docs/events.md has it', async () => {
  const text = calendar({ uid: 'plain', startMs: Date.now() + 3_600_000 });
  web.answers['/plain.ics'] = (_, response) => response.end(text);
  const name = `plain-${mark}`;
  const temporal = (...args: string[]) =>
    run(process.env.PAM_TEMPORAL ?? '', [...args, '--address', process.env.TEMPORAL_ADDRESS ?? '']);
  // biome-ignore format: as in the documentation
  await temporal('schedule', 'create', '--schedule-id', `feed:${name}`, '--workflow-id', `sync:${name}`,
    '--type', 'syncEvents', '--task-queue', taskQueue, '--interval', '5m', '--overlap-policy', 'Skip',
    '--catchup-window', '10m', '--input',
    JSON.stringify({ name, type: 'calendar', url: `${web.url}/plain.ics`, categories: [category], allowPrivate: true }));
  await temporal('schedule', 'trigger', '--schedule-id', `feed:${name}`);
  await eventually('the event in the store', async () => (await known()).includes('plain'));
  expect((await pam('feed', 'list')).out).toContain(`${name}  calendar for ${category}`);
  const { stdout } = await temporal(
    ...[
      'workflow',
      'execute',
      '--workflow-id',
      `sync:${name}`,
      '--type',
      'syncEvents',
      '--task-queue',
      taskQueue,
    ],
    ...['--input', JSON.stringify({ feed: name })],
  );
  expect(stdout).toContain('nothing changed, 1 events stand');
});

test('pushes: an announcement and news are stored and told, twice is once, by rules as by a poll', async () => {
  const name = `pushed-${mark}`;
  const settings = categoryInput.parse({ name, match: { pathPrefix: '/' } });
  await database.categories.put(settings);
  const handle = await client.workflow.start('allocateCategory', {
    workflowId: `category:${name}`,
    taskQueue,
    args: [{ name, match: { pathPrefix: '/' } }],
  });
  try {
    const press = `press-${mark}`;
    const published = new Date(Date.now() - 60_000).toISOString();
    web.answers['/rss'] = (_, response) =>
      response.end(
        `<rss version="2.0"><channel><title>t</title><item><title>Mega sale</title><guid>n1</guid><pubDate>${published}</pubDate></item></channel></rss>`,
      );
    const definition = feedDefinition.parse({
      name: press,
      type: 'news',
      url: `${web.url}/rss`,
      categories: [name],
      rules: [{ name: 'sale', keywords: ['sale'], uplift: 2, halfLife: '30m' }],
    });
    await database.feeds.define(definition);
    const push = async (body: object) => {
      const read = readPush(body, Date.now());
      if (!read.ok) throw read.error;
      return receivePush(read.push, database, client);
    };
    const start = new Date(Date.now() + 60_000).toISOString();
    const announcement = { category: name, name: 'drop', start, duration: '10m' };
    expect(await push(announcement)).toMatchObject({ signalled: [name], notRunning: [] });
    await push(announcement);
    const news = { feed: press, news: { id: 'n1', title: 'Mega sale', published } };
    expect((await push(news)).announced).toEqual([{ category: name, id: 'n1#sale' }]);
    expect((await push({ news: { id: 'n2', title: 'Weather' } })).summary).toContain('no rule matches');
    await expect(push({ ...announcement, category: 'unheard-of' })).rejects.toThrow(/not known/);
    const stored = async () =>
      (await database.events.between(name, Date.now() - 86_400_000, Date.now() + 86_400_000)).map(
        ({ title }) => title,
      );
    expect((await stored()).sort()).toEqual(['Mega sale', 'drop']);
    const { pendingEvents } = await handle.query(queries.status);
    expect(pendingEvents.map(({ id }) => id).sort()).toEqual([`drop@${start}`, 'n1#sale']);

    // The poll of the same item finds it stored already.
    const polled = await client.workflow.execute('syncEvents', {
      workflowId: `sync:${press}`,
      taskQueue,
      args: [{ ...writtenBack(definition), allowPrivate: true }],
    });
    expect(polled).toMatchObject({ added: 0, moved: 0, unchanged: 1 });

    await push({ category: name, withdraw: `drop@${start}` });
    expect(await stored()).toEqual(['Mega sale']);
    await expect(push({ category: name, withdraw: 'never heard' })).rejects.toThrow(/no event "never heard"/);
  } finally {
    await handle.signal(signals.stop, { reason: 'end of the test' });
    await handle.result();
  }
});

/** The fields that matter here, as a person writes them. */
function writtenBack({ name, type, url, categories }: FeedDefinition) {
  return {
    name,
    type,
    url,
    categories,
    rules: [{ name: 'sale', keywords: ['sale'], uplift: 2, halfLife: '30m' }],
  };
}
