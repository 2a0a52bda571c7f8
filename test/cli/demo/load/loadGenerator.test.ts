import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateLoad, latencyOf } from '../../../../cli/demo/load/loadGenerator';
import { addBins, type LoadBin, type LoadPlan, type LoadReport } from '../../../../cli/demo/load/loadTypes';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const stream = (category: string, counts: number[], objectiveMs = 80) => ({
  category,
  match: { header: { name: 'x-category', value: category } },
  counts,
  objectiveMs,
});
const planFor = (targetUrl: string, more: Partial<LoadPlan>): LoadPlan => ({
  targetUrl,
  fromMs: Date.now() + 50,
  binMs: 100,
  streams: [],
  seed: 1,
  spread: 'even',
  maxInFlight: 200,
  timeoutMs: 2_000,
  ...more,
});

async function run(plan: LoadPlan, signal?: AbortSignal) {
  const bins = new Map<string, LoadBin>();
  let finished: Extract<LoadReport, { kind: 'finished' }> | null = null;
  await generateLoad(
    plan,
    (report) => {
      if (report.kind === 'finished') finished = report;
      else for (const { category, bin, ...counts } of report.bins) bins.set(`${category}/${bin}`, counts);
    },
    signal,
  );
  if (finished === null) throw new Error('the run reported no end');
  return { bins, finished: finished as Extract<LoadReport, { kind: 'finished' }> };
}

test('sends exactly what each bin asks for, with the header of its category', async () => {
  const seen: Record<string, number> = {};
  const url = await listen((request, response) => {
    const category = String(request.headers['x-category']);
    seen[category] = (seen[category] ?? 0) + 1;
    response.setHeader('x-pam-category', category === 'a' ? 'a' : 'shared').end('ok');
  });
  const { bins, finished } = await run(
    planFor(url, { streams: [stream('a', [7, 0, 31]), stream('b', [4, 5, 6])] }),
  );
  expect(seen).toEqual({ a: 38, b: 15 });
  expect(bins.get('a/0')).toMatchObject({ due: 7, sent: 7, ok: 7, failed: 0, refused: 0, ownPool: 7 });
  expect(bins.get('a/2')).toMatchObject({ due: 31, sent: 31, ok: 31 });
  expect(bins.get('b/1')).toMatchObject({ sent: 5, ok: 5, ownPool: 0 });
  expect(finished.latency.a?.p50Ms).toBeLessThan(400);
});

test('an answer that is no 2xx, or none in time, has failed; a slow one is late', async () => {
  let asked = 0;
  const url = await listen((_, response) => {
    asked++;
    if (asked === 1) response.writeHead(503).end();
    else if (asked === 2) setTimeout(() => response.end('slow'), 1_500);
    else if (asked > 3) response.end('ok');
  });
  // Far apart, so that a stall of this process, which counts as latency, is not taken for a slow answer.
  const { bins, finished } = await run(planFor(url, { streams: [stream('a', [8], 750)], timeoutMs: 2_500 }));
  expect(bins.get('a/0')).toMatchObject({ sent: 8, ok: 6, failed: 2, late: 1 });
  expect(finished.failures).toEqual({ 'HTTP 503': 1, 'no answer in time': 1 });
});

test('does not wait for answers, and says honestly what it could not send', async () => {
  const url = await listen((_, response) => {
    setTimeout(() => response.end('ok'), 300);
  });
  const { bins } = await run(planFor(url, { streams: [stream('a', [20])], maxInFlight: 12 }));
  expect(bins.get('a/0')).toMatchObject({ due: 20, sent: 12, ok: 12, refused: 8, late: 12 });
});

test('nobody there: every request has failed and the run still ends', async () => {
  const url = await listen(() => undefined);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const { bins, finished } = await run(planFor(url, { streams: [stream('a', [3])] }));
  expect(bins.get('a/0')).toMatchObject({ sent: 3, failed: 3, ok: 0 });
  expect(finished.failures).toEqual({ ECONNREFUSED: 3 });
});

test('stops when told', async () => {
  const url = await listen((_, response) => response.end('ok'));
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 150);
  const { bins } = await run(
    planFor(url, {
      streams: [
        stream(
          'a',
          Array.from({ length: 100 }, () => 10),
        ),
      ],
    }),
    stopping.signal,
  );
  const total = addBins(bins.values());
  expect(total.sent).toBeGreaterThan(0);
  expect(total.sent).toBeLessThan(100);
  expect(total.ok).toBe(total.sent);
});

test('percentiles are nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(latencyOf(values)).toEqual({ p50Ms: 50, p95Ms: 95, p99Ms: 99, maxMs: 100 });
  expect(latencyOf([])).toBeNull();
});
