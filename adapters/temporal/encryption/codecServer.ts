/**
 * Payloads over HTTP from the Temporal UI or CLI → the same, decrypted or encrypted. Who may ask: whoever has the token,
 * from a page of the configured UI or from no page at all, under a name of this server that is expected.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import { describeIssues } from '../../../core/describeIssues';
import { PamError } from '../../../core/errors';
import { messageOf } from '../../../core/thrown';
import { requestBody } from '../../http/requestBody';

export interface CodecServerOptions {
  readonly codec: PayloadCodec;
  /** At least 16 characters. As `Authorization: Bearer …`, or as the first part of the path for a UI without a login. */
  readonly token: string;
  /** Origins of the UI, such as `http://127.0.0.1:8233`. A page of another gets no answer. */
  readonly origins: readonly string[];
  /** Names in the Host header besides the loopback ones; the port does not matter. */
  readonly hosts: readonly string[];
  readonly maxBytes?: number;
}

const leastToken = 16;
const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

const base64 = z.string().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));
const body = z.object({
  payloads: z
    .array(
      z.object({
        metadata: z.record(z.string(), base64).default({}),
        data: base64.default(new Uint8Array()),
      }),
    )
    .max(10_000),
});

interface Answer {
  readonly status: number;
  readonly body: object | null;
}

/** Throws PamError INVALID_CONFIG for a token that is easy to guess. The caller listens and closes. */
export function createCodecServer({
  codec,
  token,
  origins,
  hosts,
  maxBytes = 16_000_000,
}: CodecServerOptions): Server {
  if (token.length < leastToken)
    throw new PamError(
      'INVALID_CONFIG',
      `PAM_CODEC_TOKEN: expected at least ${leastToken} characters, such as those of "openssl rand -hex 24"`,
    );
  const names = new Set([...loopbackNames, ...hosts].map((name) => name.toLowerCase()));
  const server = createServer((request, response) => {
    const origin = request.headers.origin;
    const cors: Record<string, string> = { vary: 'Origin', 'cache-control': 'no-store' };
    if (origin !== undefined && origins.includes(origin)) cors['access-control-allow-origin'] = origin;
    answer(request)
      .catch((error: unknown) => refusal(error))
      .then((answered) => send(response, answered, cors))
      .catch(() => response.destroy());
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 5_000;
  server.maxConnections = 100;
  return server;

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { host = '', origin } = request.headers;
    // A name that someone's DNS lets point here is not ours.
    if (!names.has(host.toLowerCase().replace(/:\d{1,5}$/, '')))
      return refuse(421, `unexpected Host ${host}: see --allow-host`);
    if (origin !== undefined && !origins.includes(origin))
      return refuse(403, `pages of ${origin} may not ask: see --ui-origin`);
    const [path = ''] = (request.url ?? '').split('?');
    if (path === '/healthz') return { status: 200, body: { ok: true } };
    const parts = path.split('/').filter((part) => part !== '');
    const action = parts.at(-1);
    if ((action !== 'encode' && action !== 'decode') || parts.length > 2)
      return refuse(404, 'expected POST /encode or /decode');
    if (request.method === 'OPTIONS') return { status: 204, body: null };
    if (request.method !== 'POST') return refuse(405, 'expected POST');
    const given =
      parts.length === 2 ? parts[0] : /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!isSame(given ?? '', token))
      return refuse(401, 'expected "Authorization: Bearer" with the token of PAM_CODEC_TOKEN');
    const text = await requestBody(request, maxBytes);
    if (text === null) return refuse(413, `expected at most ${maxBytes} bytes`);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      return refuse(400, `expected JSON: ${messageOf(error)}`);
    }
    const parsed = body.safeParse(json);
    if (!parsed.success) return refuse(400, describeIssues(parsed.error));
    const payloads: Payload[] = await codec[action](parsed.data.payloads);
    return { status: 200, body: { payloads: payloads.map(written) } };
  }
}

const refuse = (status: number, error: string): Answer => ({ status, body: { error } });

function refusal(error: unknown): Answer {
  return error instanceof PamError ? refuse(422, error.message) : refuse(500, 'a fault in PAM');
}

function written({ metadata, data }: Payload): object {
  const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, bytes]) => [name, text(bytes)])),
    data: text(data),
  };
}

/** Compares digests, so that the time taken reveals neither content nor length. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function send(
  response: ServerResponse,
  { status, body: sent }: Answer,
  headers: Record<string, string>,
): void {
  const preflight = {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type, x-namespace',
    'access-control-max-age': '600',
  };
  if (sent === null) response.writeHead(status, { ...headers, ...preflight }).end();
  else {
    // The rest of a body that is too large is not waited for.
    const end = status === 413 ? { connection: 'close' } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...headers, ...end });
    response.end(`${JSON.stringify(sent)}\n`);
  }
}
