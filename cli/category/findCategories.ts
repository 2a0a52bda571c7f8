/** A Temporal client → the workflows of categories that run or ended lately, the latest run of each. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { workflowTypes } from '../../workflows/contracts';
import { answerMs } from '../connect/withTemporal';

export interface CategoryWorkflow {
  readonly category: string;
  readonly workflowId: string;
  readonly runId: string;
  /** Temporal's word: `RUNNING`, `COMPLETED`, `CANCELLED`, `FAILED`, `TERMINATED`, `TIMED_OUT`. */
  readonly status: string;
  /** Start of the current run; a continued workflow is older. */
  readonly startedMs: number;
  readonly closedMs: number | null;
  /** Last value of the search attribute; null before the first tick. */
  readonly mode: string | null;
}

const prefix = 'category:';
/** A namespace with more is not listed in full. */
const mostListed = 2_000;

/** Running ones, and those that ended after `closedSinceMs`; by name. */
export async function findCategories(client: Client, closedSinceMs: number): Promise<CategoryWorkflow[]> {
  const since = new Date(closedSinceMs).toISOString();
  const query = `WorkflowType = '${workflowTypes.allocateCategory}' AND (ExecutionStatus = 'Running' OR (CloseTime > '${since}' AND ExecutionStatus != 'ContinuedAsNew'))`;
  const found = new Map<string, CategoryWorkflow>();
  await client.withDeadline(Date.now() + answerMs, async () => {
    let seen = 0;
    for await (const info of client.workflow.list({ query })) {
      if (++seen > mostListed) break;
      if (!info.workflowId.startsWith(prefix)) continue;
      const workflow = described(info);
      const known = found.get(workflow.category);
      if (known === undefined || workflow.startedMs > known.startedMs) found.set(workflow.category, workflow);
    }
  });
  return [...found.values()].sort((a, b) => (a.category < b.category ? -1 : 1));
}

function described(info: WorkflowExecutionInfo): CategoryWorkflow {
  const mode = info.searchAttributes.PamMode?.[0];
  return {
    category: info.workflowId.slice(prefix.length),
    workflowId: info.workflowId,
    runId: info.runId,
    status: info.status.name,
    startedMs: info.startTime.getTime(),
    closedMs: info.closeTime?.getTime() ?? null,
    mode: typeof mode === 'string' ? mode : null,
  };
}
