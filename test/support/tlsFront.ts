/**
 * Temporal's address → the same server behind TLS, as a hosted or a hardened one is: one front demands a client
 * certificate, another an API key. The dev server itself can do neither.
 */
import { readFileSync } from 'node:fs';
import { connect as connectHttp2, constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, type Server } from 'node:net';
import { createServer } from 'node:tls';
import type { Signed } from './certificates';

export interface Front {
  /** host:port */
  readonly address: string;
  close(): Promise<void>;
}

/** Ends TLS, with a client certificate of this CA only, and passes the bytes on. */
export function mutualTlsFront(target: string, { cert, key }: Signed, clientCa: string): Promise<Front> {
  const options = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(clientCa) };
  const server = createServer(
    { ...options, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] },
    (socket) => {
      const [host = '', port] = target.split(':');
      const behind = connect(Number(port), host);
      socket.pipe(behind).pipe(socket);
      for (const [one, other] of [
        [socket, behind],
        [behind, socket],
      ] as const)
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
    },
  );
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

/** Ends TLS, and passes each call on if it has the key as `authorization: Bearer`. */
export function apiKeyFront(target: string, { cert, key }: Signed, apiKey: string): Promise<Front> {
  const server = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
  const behind = connectHttp2(`http://${target}`);
  behind.on('error', () => undefined);
  server.on('sessionError', () => undefined);
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => undefined);
    if (headers.authorization !== `Bearer ${apiKey}`) {
      // "Trailers only": 16 is UNAUTHENTICATED.
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': '16',
          'grpc-message': 'unknown API key',
        },
        { endStream: true },
      );
      return;
    }
    const { [constants.HTTP2_HEADER_AUTHORITY]: _, ...passed } = headers;
    const call = behind.request({ ...passed, ':authority': target });
    let trailers = {};
    call.on('trailers', (sent) => {
      trailers = sent;
    });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.on('close', () => call.close(stream.rstCode));
    call.on('response', (answer, flags) => {
      if (stream.destroyed) return;
      if (flags & constants.NGHTTP2_FLAG_END_STREAM) stream.respond(answer, { endStream: true });
      else {
        stream.respond(answer, { waitForTrailers: true });
        call.pipe(stream);
      }
    });
    call.on('error', () => stream.destroy());
    stream.pipe(call);
  });
  return listening(server, () => behind.destroy());
}

function listening(server: Server, also: () => void = () => undefined): Promise<Front> {
  const open = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({
        address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: async () => {
          for (const socket of open) socket.destroy();
          also();
          await new Promise((closed) => server.close(closed));
        },
      }),
    ),
  );
}
