/**
 * A client and declared names → the categories that run, with their settings: from the server’s list, and by name if
 * the list lags behind.
 */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { categoryWorkflowId } from '../../workflows/contracts';
import { askStatus } from '../category/askStatus';
import { standings } from '../category/standings';
import { answerMs } from '../connect/withTemporal';
import type { RunningCategory } from './planChanges';

/** `declared`: names to look up even if the server’s list, which is updated with a delay, does not have them yet. */
export async function runningCategories(
  client: Client,
  declared: readonly string[],
  nowMs: number,
): Promise<RunningCategory[]> {
  const listed = (await standings(client, null, nowMs, nowMs))
    .filter(({ closedMs }) => closedMs === null)
    .map(({ category, state, status, trouble }) => ({
      category,
      state,
      settings: status?.settings ?? null,
      trouble,
    }));
  const missing = declared.filter((name) => !listed.some(({ category }) => category === name));
  const found = await Promise.all(missing.map((name) => lookedUp(client, name)));
  return [...listed, ...found.flatMap((one) => (one === null ? [] : [one]))];
}

async function lookedUp(client: Client, category: string): Promise<RunningCategory | null> {
  try {
    const described = await client.withDeadline(Date.now() + answerMs, () =>
      client.workflow.getHandle(categoryWorkflowId(category)).describe(),
    );
    if (described.status.name !== 'RUNNING') return null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
  const answer = await askStatus(client, category);
  if (answer.kind === 'absent') return null;
  return answer.kind === 'answered'
    ? { category, state: answer.status.mode, settings: answer.status.settings, trouble: null }
    : { category, state: 'no answer', settings: null, trouble: answer.why };
}
