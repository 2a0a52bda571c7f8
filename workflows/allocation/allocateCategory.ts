/**
 * One category, for as long as it lives: every bin predict → calculate → scale → verify, a look in between whether
 * more is measured than was provisioned for, and at once whatever people and calendars ask for. Its history is the
 * audit.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { type CategorySettings, categoryInput } from '../../core/category/settings';
import { describeIssues } from '../../core/describeIssues';
import { markdown } from '../../core/text/markdown';
import { categoryWorkflowId } from '../contracts';
import { answerPeople } from './handlers';
import { AllocationLoop } from './loop';
import { describeEnd } from './standing';
import { type AllocationState, firstState, type Inbox } from './state';
import { removeNodes } from './steps';
import { upgrade } from './upgrade';

/** `input` is a `CategoryInput`; `carried` is for continue-as-new only. Completes after `stop`, with a sentence. */
export async function allocateCategory(input: unknown, carried?: AllocationState): Promise<string> {
  const state = carried === undefined ? firstState(readSettings(input)) : upgrade(carried);
  const inbox: Inbox = {
    wake: carried ? null : 'start',
    announced: [],
    withdrawn: [],
    moved: [],
    stopping: null,
    unregistered: carried === undefined,
    registered: carried === undefined ? null : state.settings,
  };
  const loop = new AllocationLoop(state, inbox);
  answerPeople(state, inbox, () => loop.nextMs);
  loop.describe();

  try {
    while (inbox.stopping === null) {
      await loop.look();
      if (workflowInfo().continueAsNewSuggested) await carryOn(state, inbox);
    }
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => drain(state, 'cancelled'));
    throw error;
  }
  const reason = inbox.stopping.reason;
  loop.publish();
  await CancellationScope.nonCancellable(() => drain(state, reason));
  state.counts = { required: 0, planned: 0, provisioned: 0, routable: 0 };
  loop.publish();
  const how = `stopped: ${reason}; nodes drained and removed, rule removed`;
  setCurrentDetails(describeEnd(state.settings.name, how, Date.now()));
  return how;
}

/** Hard limit: continue as new at this many events even if a training is still running. */
const mostEvents = 8_192;

/**
 * Continues with a fresh history, unless something came in that must be acted on first. Only this run hears what comes
 * of a training that it started, so it is waited for.
 */
async function carryOn(state: AllocationState, inbox: Inbox): Promise<void> {
  if (state.training.startedMs !== null && workflowInfo().historyLength < mostEvents) return;
  await condition(allHandlersFinished);
  if (inbox.wake !== null || inbox.stopping !== null || inbox.unregistered) return;
  await continueAsNew<typeof allocateCategory>(
    { name: state.settings.name, match: state.settings.match },
    // The handle of a running training does not outlive this run; `predict` finds its model when it has arrived.
    { ...state, training: { ...state.training, startedMs: null } },
  );
}

async function drain(state: AllocationState, reason: string): Promise<void> {
  await removeNodes.executeWithOptions(
    { summary: markdown`drain and remove all nodes of ${state.settings.name}: ${reason}` },
    [{ category: state.settings.name, stopped: true }],
  );
}

/** Fails the workflow at once, naming the field, when the input is no category or the id is not the category's. */
function readSettings(input: unknown): CategorySettings {
  const parsed = categoryInput.safeParse(input);
  if (!parsed.success)
    throw ApplicationFailure.nonRetryable(`input: ${describeIssues(parsed.error)}`, 'INVALID_INPUT');
  const expected = categoryWorkflowId(parsed.data.name);
  const { workflowId } = workflowInfo();
  if (workflowId !== expected)
    throw ApplicationFailure.nonRetryable(
      `workflow id: "${workflowId}" does not fit category "${parsed.data.name}"; expected "${expected}", so that a category never runs twice`,
      'INVALID_INPUT',
    );
  return parsed.data;
}
