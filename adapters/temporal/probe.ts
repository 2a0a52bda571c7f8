/**
 * How to reach Temporal → why it can't be reached, in words. The clients of Temporal only say that they could not connect
 * in time; the causes are at the level below, which is asked here.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { ErrorCode } from '../../core/errors';
import { codeOf, messageOf } from '../../core/thrown';
import { describeTlsFailure } from '../../core/tlsFailure';

export interface Unreachable {
  readonly code: ErrorCode;
  readonly why: string;
}

/** What every HTTP/2 connection begins with, and an empty SETTINGS frame: the server answers with its own. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** null: the server speaks HTTP/2 with us. */
export async function probe(
  options: NativeConnectionOptions,
  timeoutMs: number,
): Promise<Unreachable | null> {
  const { host, port } = placeOf(options.address ?? 'localhost:7233');
  const { tls } = options;
  if (tls === undefined || tls === null || tls === false) {
    const failure = await greeted(connect({ host, port }), 'connect', timeoutMs);
    if (failure === null) return null;
    const secure = await greeted(
      connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
      'secureConnect',
      timeoutMs,
    );
    if (secure === null || describeTlsFailure(secure)?.includes('client certificate') === true)
      return {
        code: 'INVALID_CONFIG',
        why: 'it speaks TLS, and none is configured: set TEMPORAL_TLS=true or TEMPORAL_TLS_*',
      };
    return { code: 'UNAVAILABLE', why: messageOf(failure) };
  }
  const { serverNameOverride, serverRootCACertificate, clientCertPair } = tls === true ? ({} as never) : tls;
  const given = {
    ...(serverRootCACertificate ? { ca: Buffer.from(serverRootCACertificate) } : {}),
    ...(clientCertPair
      ? { cert: Buffer.from(clientCertPair.crt), key: Buffer.from(clientCertPair.key) }
      : {}),
  };
  // Node refuses an address as the name of a server.
  const name = serverNameOverride ?? (/^[\d.]+$|:/.test(host) ? undefined : host);
  let socket: Socket;
  try {
    socket = connectTls({
      ...{ host, port, ALPNProtocols: ['h2'] },
      ...given,
      ...(name ? { servername: name } : {}),
    });
  } catch (error) {
    return { code: 'INVALID_CONFIG', why: describeTlsFailure(error) ?? messageOf(error) };
  }
  const failure = await greeted(socket, 'secureConnect', timeoutMs);
  if (failure === null) return null;
  const cause = describeTlsFailure(failure);
  if (cause !== null) return { code: 'DENIED', why: `no TLS connection: ${cause}` };
  // A server may end a connection without saying why.
  if (codeOf(failure) === 'ECONNRESET')
    return {
      code: 'DENIED',
      why: `it ended the TLS connection at once; it may ${clientCertPair ? 'not trust the client certificate' : 'demand a client certificate, and none was given'}`,
    };
  return { code: 'UNAVAILABLE', why: messageOf(failure) };
}

/** Resolves to null once the server has answered with HTTP/2, else to what went wrong. */
function greeted(socket: Socket, ready: string, timeoutMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const end = (result: unknown) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    socket.once(ready, () => socket.write(preface));
    // A SETTINGS frame: its type is the fourth byte.
    socket.once('data', (data: Buffer) => end(data[3] === 4 ? null : new Error('it does not speak gRPC')));
    socket.once('error', end);
    socket.once('close', () =>
      end(Object.assign(new Error('it ended the connection'), { code: 'ECONNRESET' })),
    );
  });
}

function placeOf(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  const host = at < 0 ? address : address.slice(0, at);
  return {
    host: host.replace(/^\[|\]$/g, '') || 'localhost',
    port: at < 0 ? 7233 : Number(address.slice(at + 1)),
  };
}
