/** A real HTTP server on the loopback for tests of feeds: answers as told, notes what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FeedServer {
  readonly url: string;
  readonly asked: { path: string; headers: IncomingMessage['headers'] }[];
  /** What it answers from now on, by path. */
  readonly answers: Record<string, Answer>;
  close(): Promise<void>;
}

export async function openFeedServer(): Promise<FeedServer> {
  const asked: FeedServer['asked'] = [];
  const answers: Record<string, Answer> = {};
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push({ path, headers: request.headers });
    const answer = answers[path];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
