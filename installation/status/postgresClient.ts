/** The address of a database and some work → its result; the connection is gone afterwards, even if the server hangs. */
import { Socket } from 'node:net';
import { Client } from 'pg';

export async function withPostgres<Result>(
  url: string,
  deadlineMs: number,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  // A server that hangs never confirms an end, so the socket is ours to destroy.
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: deadlineMs,
    query_timeout: deadlineMs,
    application_name: 'pam status',
    stream: () => socket,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await Promise.race([
      client.end().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 200)),
    ]);
    socket.destroy();
  }
}
