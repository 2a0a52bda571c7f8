/**
 * A channel of NOTIFY → a call for each notice, and one after each connection, since notices are lost without one. It
 * connects again by itself, and finds out about a server that is gone without a word.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Connection } from './connection';

const againAfterMs = 500;
/** How often the server is asked for a sign of life; its answer is awaited as long as any statement's. */
const checkEveryMs = 5_000;

export interface Watch {
  close(): Promise<void>;
}

export function watchChannel(connection: Connection, channel: string, wake: () => void): Watch {
  const closed = new AbortController();
  const pause = (ms: number) => sleep(ms, undefined, { signal: closed.signal }).catch(() => undefined);

  const follow = async (client: PoolClient): Promise<void> => {
    const lost = new Promise<void>((resolve) => {
      client.once('error', () => resolve());
      client.once('end', () => resolve());
      closed.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', wake);
    await client.query(`LISTEN ${channel}`);
    wake();
    const check = setInterval(() => {
      client.query('SELECT 1').catch(() => client.emit('end'));
    }, checkEveryMs);
    await lost;
    clearInterval(check);
  };

  const run = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      const client = await connection.client(`listen to ${channel}`).catch(() => null);
      if (client !== null) {
        await follow(client).catch(() => undefined);
        client.removeAllListeners('notification');
        // Ends the session, which still listens.
        client.release(true);
      }
      if (!closed.signal.aborted) await pause(againAfterMs);
    }
  };

  const ended = run();
  return {
    close: async () => {
      closed.abort();
      await ended;
    },
  };
}
