/**
 * Events pushed over HTTP, each with the right token → stored events; the answer says what became of them or what is
 * wrong.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { describeIssues } from '../../core/describeIssues';
import { PamError } from '../../core/errors';
import { type Push, readPush } from '../../core/events/push';
import { messageOf } from '../../core/thrown';

export interface WebhookOptions {
  /** What callers must send as `Authorization: Bearer …`; at least 16 characters. */
  readonly token: string;
  /** Stores the events and signals the categories. Its result is the answer’s body. */
  readonly receive: (push: Push) => Promise<object>;
  readonly now: () => number;
  readonly maxBytes?: number;
}

const leastToken = 16;

/** Throws PamError INVALID_CONFIG for a token that is easy to guess. The caller listens and closes. */
export function createWebhook({ token, receive, now, maxBytes = 100_000 }: WebhookOptions): Server {
  if (token.length < leastToken)
    throw new PamError(
      'INVALID_CONFIG',
      `PAM_WEBHOOK_TOKEN: expected at least ${leastToken} characters, such as those of "openssl rand -hex 24"`,
    );
  const server = createServer((request, response) => {
    answer(request)
      .catch((error: unknown) => refusal(error))
      .then(({ status, body, headers }) => send(response, status, body, headers))
      .catch(() => response.destroy());
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 5_000;
  return server;

  async function answer(request: IncomingMessage): Promise<Answer> {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/healthz') return { status: 200, body: { ok: true } };
    if (path !== '/events') return refuse(404, `${path}: expected POST /events`);
    if (request.method !== 'POST') return refuse(405, 'expected POST', { allow: 'POST' });
    if (!isToken(request.headers.authorization ?? '', token))
      return refuse(401, 'expected "Authorization: Bearer" with the token of PAM_WEBHOOK_TOKEN', {
        'www-authenticate': 'Bearer',
      });
    const text = await read(request, maxBytes);
    if (text === null) return refuse(413, `expected at most ${maxBytes} bytes`, { connection: 'close' });
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (error) {
      return refuse(400, `expected JSON: ${messageOf(error)}`);
    }
    const parsed = readPush(body, now());
    if (!parsed.ok) return refuse(422, describeIssues(parsed.error));
    return { status: 200, body: await receive(parsed.push) };
  }
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Record<string, string>;
}

const refuse = (status: number, error: string, headers: Record<string, string> = {}): Answer => ({
  status,
  body: { error },
  headers,
});

function refusal(error: unknown): Answer {
  if (!(error instanceof PamError)) return refuse(500, 'a fault in PAM; its log says more');
  if (error.code === 'NOT_FOUND') return refuse(404, error.message);
  if (error.retryable) return refuse(503, error.message, { 'retry-after': '5' });
  return refuse(error.code === 'INVALID_INPUT' || error.code === 'INVALID_DATA' ? 422 : 500, error.message);
}

/** Compares digests, so that the time taken reveals neither content nor length. */
function isToken(header: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const given = /^Bearer (.+)$/i.exec(header)?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

/** null = more than `maxBytes`. */
async function read(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(`${JSON.stringify(body)}\n`);
}
