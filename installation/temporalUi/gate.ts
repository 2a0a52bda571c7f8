/** The port of Temporal's UI → a server on a loopback port that passes on what `admit.ts` lets through. */
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { refusalOf } from './admit';

/** Those of one connection (RFC 9110, 7.6.1), which a proxy does not pass on. */
const ofConnection = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** No page from elsewhere shows the UI in a frame, embeds its answers, or learns its addresses. */
const guarding = {
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
};

/** @returns the server, not yet listening. */
export function createGate(uiPort: number): Server {
  const server = createServer((asked, answer) => {
    const refusal = refusalOf({ method: asked.method ?? '', rawHeaders: asked.rawHeaders });
    if (refusal !== null || asked.url?.startsWith('/') !== true)
      return refuse(answer, 403, refusal ?? 'expected a path');
    pass(asked, answer, uiPort);
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  return server;
}

function refuse(answer: ServerResponse, status: number, why: string): void {
  if (answer.headersSent) return void answer.destroy();
  answer.writeHead(status, { 'content-type': 'text/plain', connection: 'close', ...guarding });
  answer.end(`${why}\n`);
}

function pass(asked: IncomingMessage, answer: ServerResponse, uiPort: number): void {
  const headers = Object.fromEntries(
    Object.entries(asked.headers).filter(([name]) => !ofConnection.includes(name)),
  );
  const { method, url } = asked;
  const passed = forward({ host: '127.0.0.1', port: uiPort, method, path: url, headers }, (got) => {
    const back = Object.entries(got.headers).filter(
      ([name]) => !ofConnection.includes(name) && !name.startsWith('access-control-'),
    );
    answer.writeHead(got.statusCode ?? 502, { ...Object.fromEntries(back), ...guarding });
    got.pipe(answer);
  });
  passed.on('error', () => refuse(answer, 502, 'Temporal\'s UI does not answer: see "pam status"'));
  answer.on('close', () => passed.destroy());
  asked.pipe(passed);
}
