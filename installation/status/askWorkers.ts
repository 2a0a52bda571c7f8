/**
 * A worker's process → whether its work goes on: its own word in the database, and when it last asked Temporal for work. Either
 * is enough if the other server is away.
 */
import { hostname } from 'node:os';
import { createWorkerStore } from '../../adapters/postgres/stores/workerStore';
import { durationInWords } from '../../core/time/durationWords';
import type { SeenWorker } from '../../ports/stores/workerStore';
import type { ProcessRecord } from '../servers/process';
import { variableOf } from '../servers/processTable';
import { connectAtOnce } from './askServers';
import { type Answer, patienceMs, up } from './partState';
import { withPostgres } from './postgresClient';

/** It says a word every 3 s. */
export const silentAfterMs = 15_000;
/** It asks Temporal again at the end of a long poll of 60 s at the latest. */
const noPollAfterMs = 90_000;

/** null: the server could not be asked. */
export interface SignsOfLife {
  readonly words: readonly SeenWorker[] | null;
  /** Identity of a poller → when it last asked for work, ms. */
  readonly polls: ReadonlyMap<string, number> | null;
}

export async function signsOfLife(
  { databaseUrl, temporal }: { databaseUrl: string; temporal: { address: string; namespace: string } },
  workers: readonly ProcessRecord[],
  deadlineMs: number,
): Promise<SignsOfLife> {
  const base = workers.map(({ pid }) => variableOf(pid, 'PAM_TASK_QUEUE')).find((queue) => queue !== null);
  const within = <T>(work: Promise<T>): Promise<T | null> =>
    Promise.race([
      work.catch(() => null),
      new Promise<null>((resolve) => setTimeout(resolve, deadlineMs, null).unref()),
    ]);
  // A word in the database is the better sign: polls are not waited for as long.
  const [words, polls] = await Promise.all([
    within(wordsIn(databaseUrl, deadlineMs)),
    within(pollersOf(temporal, base ?? 'pam', Math.min(deadlineMs, patienceMs))),
  ]);
  return { words, polls };
}

export function askWorker({ pid }: ProcessRecord, { words, polls }: SignsOfLife, nowMs: number): Answer {
  const host = hostname();
  const word = words?.find((one) => one.pid === pid && one.host === host);
  const pollMs = polls?.get(`${pid}@${host}`);
  const hanging = (why: string, sinceMs: number | null): Answer => ({ state: 'hanging', why, sinceMs });
  if (word === undefined && pollMs === undefined)
    return words === null
      ? { state: 'failing', why: 'the database, where it says that it works, can’t be asked', sinceMs: null }
      : hanging('it has not said that it works', null);
  if (word !== undefined && word.seenMs > silentAfterMs)
    return hanging(`its last sign of life is ${durationInWords(word.seenMs)} old`, nowMs - word.seenMs);
  if (pollMs !== undefined && nowMs - pollMs > noPollAfterMs)
    return hanging(`it last asked Temporal for work ${durationInWords(nowMs - pollMs)} ago`, pollMs);
  return up;
}

function wordsIn(url: string, deadlineMs: number): Promise<SeenWorker[]> {
  return withPostgres(url, deadlineMs, (client) =>
    createWorkerStore({
      run: async (_, text, values = []) => (await client.query(text, [...values])).rows,
    }).list(),
  );
}

async function pollersOf(
  where: { address: string; namespace: string },
  taskQueue: string,
  deadlineMs: number,
): Promise<Map<string, number>> {
  const { client, close } = await connectAtOnce(where, deadlineMs);
  try {
    const found = new Map<string, number>();
    await client.withDeadline(Date.now() + deadlineMs, () =>
      Promise.all(
        // 1: workflow tasks (temporal.api.enums.v1.TaskQueueType).
        [taskQueue, `${taskQueue}-train`].map(async (name) => {
          const { pollers } = await client.workflowService.describeTaskQueue({
            namespace: where.namespace,
            taskQueue: { name },
            taskQueueType: 1,
          });
          for (const { identity, lastAccessTime } of pollers ?? []) {
            const atMs = Number(lastAccessTime?.seconds ?? 0) * 1_000;
            if (identity) found.set(identity, Math.max(atMs, found.get(identity) ?? 0));
          }
        }),
      ),
    );
    return found;
  } finally {
    await close().catch(() => undefined);
  }
}
