/**
 * Events pushed over HTTP, each with a caller's token → stored events; the answer says what became of them or what is
 * wrong. Every push is logged: who, what, which categories, what came of it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';
import { type Push, readPush } from '../../core/events/push';
import { messageOf } from '../../core/thrown';
import { requestBody } from '../http/requestBody';
import { type Caller, callerOf, foreignCategories, requireStrongTokens } from './caller';
import { RateLimit } from './rateLimit';

export interface WebhookOptions {
  /** Those who may push. */
  readonly callers?: readonly Caller[];
  /** Instead of `callers`: one, which writes as `webhook` for every category. */
  readonly token?: string;
  /** Stores the events and signals the categories. Its result is the answer’s body. */
  readonly receive: (push: Push, caller: Caller) => Promise<object>;
  readonly now: () => number;
  /** Gets every push. */
  readonly log?: (entry: PushLog) => void;
  readonly maxBytes?: number;
  /** Longest time for the headers of a request, ms; twice that for all of it. */
  readonly headersMs?: number;
}

export interface PushLog {
  /** The caller's source; null: no valid token. */
  readonly source: string | null;
  readonly from: string;
  /** `announced sale-1`, `withdrew sale-1`, `news https://…`; null: it was not read so far. */
  readonly what: string | null;
  readonly categories: readonly string[];
  readonly status: number;
  /** What happened, or why it was refused. */
  readonly outcome: string;
}

/** Requests that one address may make with a wrong token. */
const wrongTokensPerMinute = 30;
/** Pushes that are stored at the same time. */
const mostAtOnce = 20;
const mostConnections = 200;

/** Throws PamError INVALID_CONFIG for a token that is easy to guess. The caller listens and closes. */
export function createWebhook(options: WebhookOptions): Server {
  const { receive, now, log = () => undefined, maxBytes = 100_000, headersMs = 5_000 } = options;
  const callers = options.callers ?? (options.token === undefined ? [] : [anyCategory(options.token)]);
  requireStrongTokens(callers);
  const limit = new RateLimit();
  let running = 0;
  const server = createServer(
    // Node looks for requests that take too long at this interval only.
    { maxHeaderSize: 8_192, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      const noted: Noted = { source: null, what: null, categories: [] };
      answer(request, noted)
        .catch((error: unknown) => refusal(error))
        .then((given) => {
          send(response, given);
          if (given.unlogged) return;
          const { status, body } = given;
          log({ ...noted, from: addressOf(request), status, outcome: given.fault ?? outcomeOf(body) });
        })
        .catch(() => response.destroy());
    },
  );
  server.headersTimeout = headersMs;
  server.requestTimeout = 2 * headersMs;
  server.keepAliveTimeout = 5_000;
  server.maxRequestsPerSocket = 1_000;
  server.maxHeadersCount = 50;
  server.maxConnections = mostConnections;
  return server;

  async function answer(request: IncomingMessage, noted: Noted): Promise<Answer> {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/healthz') return { status: 200, body: { ok: true }, unlogged: true };
    if (path !== '/events') return { ...refuse(404, 'expected POST /events'), unlogged: true };
    if (request.method !== 'POST')
      return { ...refuse(405, 'expected POST', { allow: 'POST' }), unlogged: true };
    const caller = callerOf(request.headers.authorization ?? '', callers);
    if (caller === null) {
      const waitS = limit.take(`from ${addressOf(request)}`, wrongTokensPerMinute, now());
      // What is refused for coming too often would only fill the log.
      if (waitS > 0) return { ...tooOften(waitS, `${wrongTokensPerMinute} wrong tokens`), unlogged: true };
      return refuse(401, 'expected "Authorization: Bearer" with the token of a caller', {
        'www-authenticate': 'Bearer',
        connection: 'close',
      });
    }
    noted.source = caller.source;
    const waitS = limit.take(`by ${caller.source}`, caller.perMinute, now());
    if (waitS > 0) return tooOften(waitS, `${caller.perMinute} pushes of "${caller.source}"`);
    if (running >= mostAtOnce)
      return refuse(503, `${mostAtOnce} pushes are being stored: try again`, { 'retry-after': '1' });
    running++;
    try {
      return await store(request, caller, noted);
    } finally {
      running--;
    }
  }

  async function store(request: IncomingMessage, caller: Caller, noted: Noted): Promise<Answer> {
    const text = await requestBody(request, maxBytes);
    if (text === null) return refuse(413, `expected at most ${maxBytes} bytes`, { connection: 'close' });
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      return refuse(400, `expected JSON: ${messageOf(error)}`);
    }
    const parsed = readPush(body, now(), caller.source);
    if (!parsed.ok) return refuse(422, describeIssues(parsed.error));
    const { push } = parsed;
    noted.what = whatOf(push);
    noted.categories = push.kind === 'message' ? push.categories : [];
    const source = sourceOf(push);
    if (source !== null && source !== caller.source)
      return refuse(403, `source: this token writes as "${caller.source}", not as "${source}"`);
    const foreign = foreignCategories(caller, noted.categories);
    if (foreign.length > 0)
      return refuse(403, `category: the token of "${caller.source}" may not touch ${foreign.join(', ')}`);
    return { status: 200, body: await receive(push, caller) };
  }
}

const anyCategory = (token: string): Caller => ({
  ...{ source: 'webhook', token, categories: ['*'], feeds: ['*'] },
  perMinute: 600,
});

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Record<string, string>;
  readonly unlogged?: boolean;
  /** For the log only. */
  readonly fault?: string;
}

interface Noted {
  source: string | null;
  what: string | null;
  categories: readonly string[];
}

const refuse = (status: number, error: string, headers: Record<string, string> = {}): Answer => ({
  status,
  body: { error },
  headers,
});

const tooOften = (waitS: number, most: string): Answer =>
  refuse(429, `expected at most ${most} a minute: try again in ${waitS} s`, { 'retry-after': String(waitS) });

function refusal(error: unknown): Answer {
  if (!(error instanceof PamError))
    return { ...refuse(500, 'a fault in PAM; its log says more'), fault: messageOf(error) };
  if (error.code === 'NOT_FOUND') return refuse(404, error.message);
  if (error.code === 'DENIED') return refuse(403, error.message);
  if (error.retryable) return refuse(503, error.message, { 'retry-after': '5' });
  return refuse(error.code === 'INVALID_INPUT' || error.code === 'INVALID_DATA' ? 422 : 500, error.message);
}

const addressOf = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? 'unknown';

function sourceOf(push: Push): string | null {
  if (push.kind === 'news') return null;
  return push.message.kind === 'announced' ? push.message.event.source : push.message.source;
}

function whatOf(push: Push): string {
  if (push.kind === 'news') return `news ${push.item.id}`;
  return push.message.kind === 'announced'
    ? `announced ${push.message.event.id}`
    : `withdrew ${push.message.id}`;
}

function outcomeOf(body: object): string {
  if ('error' in body) return String(body.error);
  return 'summary' in body ? String(body.summary) : 'done';
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(`${JSON.stringify(body)}\n`);
}
