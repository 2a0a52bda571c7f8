/** The address of a server → whether it does its work now: Temporal, PostgreSQL, Envoy. Each is asked for what PAM needs of it. */
import { connect, type Socket } from 'node:net';
import { request } from 'undici';
import { connectTemporal, type TemporalClient, type TemporalSettings } from '../../adapters/temporal/connect';
import { PamError } from '../../core/errors';
import { answers } from '../servers/ports';
import { type Answer, up } from './partState';
import { withPostgres } from './postgresClient';

type TemporalPlace = TemporalSettings & { readonly address: string };

/** Like `connectTemporal`, but without its patience if nobody listens there. */
export async function connectAtOnce(where: TemporalPlace, deadlineMs: number): Promise<TemporalClient> {
  const [host = '', port = ''] = where.address.split(/:(?=\d+$)/);
  if (!(await answers(host, Number(port), deadlineMs)))
    throw new PamError('UNAVAILABLE', `nothing listens at ${where.address}`);
  return connectTemporal(where, deadlineMs);
}

/** Its namespace, by the RPC that every client begins with. */
export async function askTemporal(where: TemporalPlace, deadlineMs: number): Promise<Answer> {
  const { client, close } = await connectAtOnce(where, deadlineMs);
  try {
    await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflowService.describeNamespace({ namespace: where.namespace }),
    );
    return up;
  } finally {
    await close().catch(() => undefined);
  }
}

/** A statement, and whether it may write. */
export function askPostgres(url: string, deadlineMs: number): Promise<Answer> {
  return withPostgres(url, deadlineMs, async (client) => {
    const { rows } = await client.query<{ readOnly: string }>(
      `SELECT current_setting('transaction_read_only') AS "readOnly"`,
    );
    if (rows[0]?.readOnly !== 'on') return up;
    const why = 'it takes no writing (default_transaction_read_only, or a standby): nothing is recorded';
    return { state: 'failing', why, sinceMs: null };
  });
}

/** Its admin interface, and its listener: the threads that serve requests are others than the one that answers `/ready`. */
export async function askEnvoy(
  { adminUrl, listenUrl }: { readonly adminUrl: string; readonly listenUrl: string },
  deadlineMs: number,
): Promise<Answer> {
  const asked = { headersTimeout: deadlineMs, bodyTimeout: deadlineMs };
  const { statusCode, body } = await request(new URL('/ready', adminUrl), asked);
  const said = (await body.text()).trim();
  if (statusCode !== 200) return { state: 'starting', why: `it says ${said}`, sinceMs: null };
  await answersAtListener(new URL(listenUrl), deadlineMs);
  return up;
}

/** The gate before Temporal's UI, by a request that it refuses itself: what is behind it is another part. */
export async function askUi(url: string, deadlineMs: number): Promise<Answer> {
  const { body } = await request(url, {
    headers: { host: 'elsewhere.invalid' },
    headersTimeout: deadlineMs,
    bodyTimeout: deadlineMs,
  });
  await body.dump();
  return up;
}

/** The first word of its protocol, HTTP/2; behind TLS that it closes a connection without. */
export function askDiscovery(address: string, deadlineMs: number): Promise<Answer> {
  const socket = address.startsWith('unix:')
    ? connect({ path: address.slice('unix:'.length), timeout: deadlineMs })
    : connectTo(new URL(`http://${address}`), deadlineMs);
  // The preface of HTTP/2 and empty settings (RFC 9113, 3.4).
  const hello = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  ]);
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      socket.destroy();
      if (error === undefined) resolve(up);
      else reject(error);
    };
    socket.once('connect', () => socket.write(hello));
    socket.once('data', () => end());
    socket.once('end', () => end());
    socket.once('timeout', () => end(new Error(`${address} accepts and does not answer`)));
    socket.once('error', end);
  });
}

function connectTo({ hostname, port }: URL, timeoutMs: number): Socket {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/^0\.0\.0\.0$/, '127.0.0.1');
  return connect({ host, port: Number(port) || 80, timeout: timeoutMs });
}

/** A request that the proxy itself refuses, since it names no host: no node gets it, and no category counts it. */
function answersAtListener(url: URL, deadlineMs: number): Promise<void> {
  const socket = connectTo(url, deadlineMs);
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.once('connect', () => socket.write('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'));
    socket.once('data', () => end());
    socket.once('close', () => end(new Error(`the listener at ${url.host} closes connections unanswered`)));
    socket.once('timeout', () => end(new Error(`the listener at ${url.host} does not answer`)));
    socket.once('error', end);
  });
}
