/** Calendars by path → a web server on the loopback address that serves them with ETags, as any web server does. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedCalendars {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** `texts`: iCalendar by path, such as `/football.ics`. Later changes to it are served from then on. */
export async function serveCalendars(texts: ReadonlyMap<string, string>): Promise<ServedCalendars> {
  const server = createServer((request, response) => {
    const text = texts.get((request.url ?? '').split('?')[0] ?? '');
    if (text === undefined) {
      response.writeHead(404).end();
      return;
    }
    const etag = `"${createHash('sha256').update(text).digest('hex').slice(0, 20)}"`;
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
    else response.writeHead(200, { etag, 'content-type': 'text/calendar; charset=utf-8' }).end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
