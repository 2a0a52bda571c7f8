/**
 * The built-in HTTP node: a process of its own that takes requests on `$PORT`, works on `$PAM_CONCURRENCY` of them at
 * a time for about `$PAM_SERVICE_MS` each, and tells on `/load` how busy it is. Imports `node:http` only, to start fast.
 * Who hangs up frees the slot. A request says itself how long it takes (`x-service-ms`) only where `$PAM_SERVICE_HEADER_MS`
 * allows it up to that long, as demos and tests do: otherwise a few requests would keep a node busy for as long as they like.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

function numberFrom(name: string, fallback: number, least: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  console.error(`${name}: expected a number of at least ${least}, got "${text}"`);
  process.exit(78);
}

const port = numberFrom('PORT', 0, 1);
const serviceMs = numberFrom('PAM_SERVICE_MS', 100, 0);
const concurrency = numberFrom('PAM_CONCURRENCY', 4, 1);
const bootMs = numberFrom('PAM_BOOT_MS', 0, 0);
/** A queue that is longer than what callers wait for only produces late answers: refuse instead. */
const longestQueue = numberFrom('PAM_QUEUE', 25 * concurrency, 0);
/** Longest service time that a request may ask for; 0: none may. */
const longestWishMs = Math.min(60_000, numberFrom('PAM_SERVICE_HEADER_MS', 0, 0));
const drainMs = numberFrom('PAM_DRAIN_MS', 30_000, 0);
const healthPath = process.env.PAM_HEALTH_PATH ?? '/healthz';
const nodeId = process.env.PAM_NODE_ID ?? `node-${process.pid}`;
const category = process.env.PAM_CATEGORY ?? '';
const host = process.env.HOST ?? '127.0.0.1';

/** Between SIGTERM and closing the door, so that what a proxy sent in that instant is still answered, ms. */
const lameDuckMs = 150;

/** Standard normal by Box and Muller over a generator (mulberry32) seeded with the node's id: same id, same sequence. */
function normalSequence(seedText: string): () => number {
  let state = 2_166_136_261;
  for (const character of seedText) state = Math.imul(state ^ character.charCodeAt(0), 16_777_619);
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
const normal = normalSequence(nodeId);
const spread = 0.25;
/** Log-normal with mean 1: most requests near the service time, a few much longer. */
const variation = (): number => Math.exp(spread * normal() - (spread * spread) / 2);

interface Waiting {
  readonly response: ServerResponse;
  readonly takesMs: number;
}
const queue: Waiting[] = [];
const startedMs = Date.now();
const readyMs = startedMs + bootMs;
let inFlight = 0;
let served = 0;
let refused = 0;
let busySlotMs = 0;
let countedToMs = performance.now();
let draining = false;
let closed = false;

/** Slots in use change now: book the time they were used until now. */
function occupy(change: number): void {
  const nowMs = performance.now();
  busySlotMs += inFlight * (nowMs - countedToMs);
  countedToMs = nowMs;
  inFlight += change;
}

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  headers?: Record<string, string>,
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
    'x-pam-node': nodeId,
    'x-pam-category': category,
    ...(draining ? { connection: 'close' } : {}),
    ...headers,
  });
  response.end(body);
}

function refuse(response: ServerResponse, why: string): void {
  refused += 1;
  answer(response, 503, `${why}\n`, { 'retry-after': '1' });
}

/** The wish of a request where wishes are heard; null for one that is no whole number of ms. */
function serviceTimeOf({ headers }: IncomingMessage): number | null {
  const wish = headers['x-service-ms'];
  if (longestWishMs === 0 || wish === undefined) return serviceMs * variation();
  return typeof wish === 'string' && /^\d{1,9}$/.test(wish) ? Math.min(Number(wish), longestWishMs) : null;
}

function work({ response, takesMs }: Waiting): void {
  occupy(1);
  let over = false;
  const end = (): boolean => {
    if (over) return false;
    over = true;
    clearTimeout(done);
    occupy(-1);
    return true;
  };
  const done = setTimeout(() => {
    if (!end()) return;
    served += 1;
    answer(response, 200, `${nodeId}\n`);
    takeNext();
  }, takesMs);
  // Nobody waits for the answer any more.
  response.once('close', () => {
    if (end()) takeNext();
  });
}

function takeNext(): void {
  while (inFlight < concurrency) {
    const next = queue.shift();
    if (next === undefined) break;
    if (!next.response.destroyed) work(next);
  }
  exitWhenDone();
}

function load(): string {
  occupy(0);
  return JSON.stringify({
    node: nodeId,
    category,
    busySlotSeconds: busySlotMs / 1000,
    concurrency,
    inFlight,
    queued: queue.length,
    served,
    refused,
    sinceMs: startedMs,
    draining,
  });
}

const server = createServer((request, response) => {
  const path = (request.url ?? '/').split('?')[0];
  const booting = Date.now() < readyMs;
  // A request's body is of no interest, but it must be read for the connection to be used again.
  request.resume();
  if (path === '/load') return answer(response, 200, load(), { 'content-type': 'application/json' });
  if (path === healthPath) {
    if (booting || draining) return answer(response, 503, booting ? 'booting\n' : 'draining\n');
    return answer(response, 200, 'ok\n');
  }
  if (booting) return refuse(response, 'booting');
  const takesMs = serviceTimeOf(request);
  if (takesMs === null)
    return answer(response, 400, 'x-service-ms: expected a whole number of milliseconds\n');
  const waiting = { response, takesMs };
  if (inFlight < concurrency) return work(waiting);
  if (queue.length >= longestQueue) return refuse(response, 'queue full');
  queue.push(waiting);
  // Whoever hangs up while waiting leaves the queue to others.
  response.once('close', () => {
    const at = queue.indexOf(waiting);
    if (at >= 0) queue.splice(at, 1);
  });
});
// Above the idle time-out of proxies, or requests meet connections that close at that instant.
server.keepAliveTimeout = 120_000;

function exitWhenDone(): void {
  if (!closed || inFlight > 0 || queue.length > 0) return;
  // Answers may still be in the socket: leave when the connections are gone, at the latest in a moment.
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), 100);
}

function drain(): void {
  if (draining) return;
  draining = true;
  setTimeout(() => {
    closed = true;
    server.close(() => process.exit(0));
    exitWhenDone();
  }, lameDuckMs);
  setTimeout(() => process.exit(1), drainMs).unref();
}
process.on('SIGTERM', drain);
process.on('SIGINT', drain);

server.on('error', (error: NodeJS.ErrnoException) => {
  console.error(`${nodeId}: ${error.code ?? ''} ${error.message}`);
  process.exit(error.code === 'EADDRINUSE' ? 98 : 1);
});
server.listen(port, host, () => {
  console.log(JSON.stringify({ msg: 'listening', node: nodeId, category, port, pid: process.pid }));
});
