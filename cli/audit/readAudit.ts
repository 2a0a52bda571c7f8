/** A category and a time → what its workflows’ histories say since then, oldest first, page by page. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { instantText } from '../../core/time/instantText';
import { categoryWorkflowId, retrainWorkflowId } from '../../workflows/contracts';
import { unknownCategory } from '../category/story';
import { answerMs } from '../connect/withTemporal';
import type { AuditEntry } from './entry';
import { RunReader } from './readEntries';

interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedMs: number;
}

/** Most runs of one workflow that are read. */
const mostRuns = 10_000;

/**
 * `complain` is called if Temporal no longer keeps what came before. Throws PamError NOT_FOUND for a category that
 * never ran.
 */
export async function* readAudit(
  client: Client,
  category: string,
  sinceMs: number,
  complain: (message: string) => void,
): AsyncGenerator<AuditEntry> {
  const runs = await runsOf(client, categoryWorkflowId(category), sinceMs);
  const training = await runsOf(client, retrainWorkflowId(category), sinceMs);
  if (runs === null && training === null) throw await unknownCategory(client, category);
  yield* inOrder(
    entriesOf(client, runs ?? [], sinceMs, complain),
    entriesOf(client, training ?? [], sinceMs, complain),
  );
}

/** Oldest first, without runs that ended before `sinceMs`; null if there is no run at all. */
async function runsOf(client: Client, workflowId: string, sinceMs: number): Promise<Run[] | null> {
  const runs: Run[] = [];
  let any = false;
  await client.withDeadline(Date.now() + answerMs, async () => {
    for await (const info of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      any = true;
      if (info.closeTime !== undefined && info.closeTime.getTime() < sinceMs) continue;
      runs.push({ workflowId, runId: info.runId, startedMs: info.startTime.getTime() });
      if (runs.length >= mostRuns) break;
    }
  });
  return any ? runs.sort((a, b) => a.startedMs - b.startedMs) : null;
}

async function* entriesOf(
  client: Client,
  runs: readonly Run[],
  sinceMs: number,
  complain: (message: string) => void,
): AsyncGenerator<AuditEntry> {
  const converter = client.options.loadedDataConverter;
  for (const [index, { workflowId, runId }] of runs.entries()) {
    const reader = new RunReader(converter, workflowId, runId);
    for await (const event of eventsOf(client, workflowId, runId)) {
      const entry = await reader.read(event);
      if (entry !== null && entry.atMs >= sinceMs) yield entry;
      if (index === 0 && entry?.kind === 'began' && entry.atMs > sinceMs && reader.continuedFrom !== null)
        complain(`${workflowId}: Temporal keeps no history from before ${instantText(entry.atMs)}`);
    }
  }
}

async function* eventsOf(
  client: Client,
  workflowId: string,
  runId: string,
): AsyncGenerator<temporal.api.history.v1.IHistoryEvent> {
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.withDeadline(Date.now() + answerMs, () =>
      client.workflowService.getWorkflowExecutionHistory({
        namespace: client.options.namespace,
        execution: { workflowId, runId },
        maximumPageSize: 500,
        ...(nextPageToken === undefined ? {} : { nextPageToken }),
      }),
    );
    yield* page.history?.events ?? [];
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
}

/** Merges two sequences that are each ordered by time. */
async function* inOrder(
  first: AsyncGenerator<AuditEntry>,
  second: AsyncGenerator<AuditEntry>,
): AsyncGenerator<AuditEntry> {
  let a = await first.next();
  let b = await second.next();
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.atMs <= b.value.atMs)) {
      if (!a.done) yield a.value;
      a = await first.next();
    } else {
      yield b.value;
      b = await second.next();
    }
  }
}
