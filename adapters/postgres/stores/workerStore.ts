/** Signs of life of worker processes in `pam.workers`, on the clock of the database. */
import type { SeenWorker, WorkerStore } from '../../../ports/stores/workerStore';
import type { Connection } from '../connection/connection';

const ago = (column: string) =>
  `(extract(epoch FROM clock_timestamp() - ${column}) * 1000)::double precision`;

export function createWorkerStore(connection: Pick<Connection, 'run'>): WorkerStore {
  return {
    async seen({ identity, kind, host, pid, taskQueue }) {
      const known = await connection.run(
        'say that this worker is there',
        'UPDATE pam.workers SET seen_at = clock_timestamp() WHERE identity = $1 RETURNING 1',
        [identity],
      );
      if (known.length > 0) return;
      await connection.run(
        'say that this worker is there',
        `WITH old AS (DELETE FROM pam.workers WHERE seen_at < clock_timestamp() - interval '1 day')
         INSERT INTO pam.workers (identity, kind, host, pid, task_queue, started_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp()) ON CONFLICT (identity) DO NOTHING`,
        [identity, kind, host, pid, taskQueue],
      );
    },

    async gone(identity) {
      await connection.run('take a worker off the list', 'DELETE FROM pam.workers WHERE identity = $1', [
        identity,
      ]);
    },

    list: () =>
      connection.run<SeenWorker & { [column: string]: unknown }>(
        'list the workers',
        `SELECT identity, kind, host, pid, task_queue AS "taskQueue", ${ago('seen_at')} AS "seenMs",
           ${ago('started_at')} AS "startedMs"
         FROM pam.workers WHERE seen_at > clock_timestamp() - interval '1 day' ORDER BY seen_at DESC`,
      ),
  };
}
