/** The events of one run, one by one, as Temporal has them → what they say about the category, in the same order. */
import type { LoadedDataConverter } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
  decodeOptionalSinglePayload,
} from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import { describeIssues } from '../../core/describeIssues';
import { readCalendarMessages } from '../../core/events/announcement';
import { plainText } from '../../core/text/markdown';
import { pauseRequest, stopRequest } from '../../workflows/allocation/requests';
import { type ActivityRecord, activityWords } from './activityWords';
import type { AuditEntry } from './entry';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;
type Said = Pick<AuditEntry, 'kind' | 'what'> & Partial<Pick<AuditEntry, 'by' | 'routine' | 'details'>>;

export class RunReader {
  private readonly activities = new Map<string, ActivityRecord>();
  private readonly attempts = new Map<string, number>();
  private readonly updates = new Map<string, string>();
  /** The previous run, if the history names one. Its events may no longer be kept. */
  continuedFrom: string | null = null;

  constructor(
    private readonly converter: LoadedDataConverter,
    private readonly workflowId: string,
    private readonly runId: string,
  ) {}

  /** null for an event that is only Temporal’s bookkeeping. */
  async read(event: HistoryEvent): Promise<AuditEntry | null> {
    const said = (await this.asked(event)) ?? (await this.acted(event)) ?? (await this.lived(event));
    if (said === null) return null;
    return {
      atMs: Number(event.eventTime?.seconds ?? 0) * 1_000 + Math.floor((event.eventTime?.nanos ?? 0) / 1e6),
      workflowId: this.workflowId,
      runId: this.runId,
      eventId: Number(event.eventId),
      by: null,
      routine: false,
      details: null,
      ...said,
      ...principalOf(event, said.by),
    };
  }

  /** Signals, updates, cancellation: what came from outside. */
  private async asked(event: HistoryEvent): Promise<Said | null> {
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal) {
      const [details] = await this.values(signal.input);
      const refusal = refusalOf(signal.signalName ?? '', details);
      const what = `signal ${signal.signalName} ${json(details)}${refusal === null ? '' : `: refused: ${refusal}`}`;
      const from = signal.externalWorkflowExecution?.workflowId;
      return { kind: 'asked', by: from ? `workflow ${from}` : signal.identity || null, what, details };
    }
    const accepted = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest;
    if (accepted) {
      const [details] = await this.values(accepted.input?.args);
      const name = accepted.input?.name ?? '';
      this.updates.set(accepted.meta?.updateId ?? '', name);
      return {
        kind: 'asked',
        by: accepted.meta?.identity || null,
        what: `update ${name} ${json(details)}`,
        details,
      };
    }
    const completed = event.workflowExecutionUpdateCompletedEventAttributes;
    if (completed) {
      const name = this.updates.get(completed.meta?.updateId ?? '') ?? '';
      const failure = await this.failure(completed.outcome?.failure);
      if (failure !== null) return { kind: 'failed', what: `update ${name}: ${failure}` };
      const [details] = await this.values(completed.outcome?.success);
      return { kind: 'done', what: `update ${name} took effect`, details, routine: true };
    }
    const cancel = event.workflowExecutionCancelRequestedEventAttributes;
    if (cancel)
      return {
        kind: 'asked',
        by: cancel.identity || null,
        what: `cancellation${cancel.cause ? `: ${cancel.cause}` : ''}`,
      };
    return null;
  }

  /** Activities and child workflows. */
  private async acted(event: HistoryEvent): Promise<Said | null> {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const [input] = await this.values(scheduled.input);
      const summary = await decodeOptionalSinglePayload<string>(this.converter, event.userMetadata?.summary);
      this.activities.set(String(event.eventId), {
        type: scheduled.activityType?.name ?? '',
        summary: plainText(summary ?? ''),
        input,
      });
      return null;
    }
    const started = event.activityTaskStartedEventAttributes;
    if (started) {
      this.attempts.set(String(started.scheduledEventId), started.attempt ?? 1);
      return null;
    }
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) {
      const activity = this.activityOf(completed.scheduledEventId);
      const [result] = await this.values(completed.result);
      const attempts = this.attempts.get(String(completed.scheduledEventId)) ?? 1;
      const words = activityWords(activity, result);
      return {
        ...words,
        what: attempts > 1 ? `${words.what} (at attempt ${attempts})` : words.what,
        details: { activity: activity.type, input: activity.input, result },
      };
    }
    const ended =
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    if (ended) {
      const activity = this.activityOf(ended.scheduledEventId);
      const why = 'failure' in ended ? await this.failure(ended.failure) : 'cancelled';
      const what = `${activity.type}: ${why ?? 'without a reason'}${activity.summary === '' ? '' : ` (${activity.summary})`}`;
      return { kind: 'failed', what, details: { activity: activity.type, input: activity.input } };
    }
    return this.trained(event);
  }

  private async trained(event: HistoryEvent): Promise<Said | null> {
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
    if (child) {
      const [details] = await this.values(child.input);
      return { kind: 'trained', what: `${child.workflowId} begins: ${reasonOf(details)}`, details };
    }
    const completed = event.childWorkflowExecutionCompletedEventAttributes;
    if (completed) {
      const [details] = await this.values(completed.result);
      return {
        kind: 'trained',
        what: `${completed.workflowExecution?.workflowId} has ended: ${reasonOf(details)}`,
        details,
        // The history of that workflow has it, too.
        routine: true,
      };
    }
    const failed =
      event.childWorkflowExecutionFailedEventAttributes ??
      event.startChildWorkflowExecutionFailedEventAttributes;
    if (failed) {
      const why = 'failure' in failed ? await this.failure(failed.failure) : 'it runs already';
      return { kind: 'failed', what: `retraining: ${why}` };
    }
    return null;
  }

  /** Begin, end and trouble of the workflow itself. */
  private async lived(event: HistoryEvent): Promise<Said | null> {
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) {
      const [details] = await this.values(started.input);
      this.continuedFrom = started.continuedExecutionRunId || null;
      if (this.continuedFrom !== null)
        return { kind: 'began', what: 'history continued in a fresh run', details, routine: true };
      return { kind: 'began', by: started.identity || null, what: `started with ${json(details)}`, details };
    }
    const completed = event.workflowExecutionCompletedEventAttributes;
    if (completed) {
      const [details] = await this.values(completed.result);
      return { kind: 'ended', what: reasonOf(details), details };
    }
    const failed = event.workflowExecutionFailedEventAttributes;
    if (failed) return { kind: 'failed', what: `the workflow: ${await this.failure(failed.failure)}` };
    const terminated = event.workflowExecutionTerminatedEventAttributes;
    if (terminated)
      return {
        kind: 'ended',
        by: terminated.identity || null,
        what: `terminated: ${terminated.reason || 'no reason given'}`,
      };
    if (event.workflowExecutionCanceledEventAttributes) return { kind: 'ended', what: 'cancelled' };
    if (event.workflowExecutionTimedOutEventAttributes) return { kind: 'ended', what: 'timed out' };
    const task = event.workflowTaskFailedEventAttributes;
    if (task)
      return {
        kind: 'failed',
        what: `a step of the workflow’s own code: ${await this.failure(task.failure)}`,
      };
    return null;
  }

  private activityOf(scheduledEventId: unknown): ActivityRecord {
    return this.activities.get(String(scheduledEventId)) ?? { type: 'activity', summary: '', input: null };
  }

  private async values(payloads: Payloads): Promise<unknown[]> {
    return decodeArrayFromPayloads(this.converter, payloads?.payloads);
  }

  private async failure(
    failure: temporal.api.failure.v1.IFailure | null | undefined,
  ): Promise<string | null> {
    const error = await decodeOptionalFailureToOptionalError(this.converter, failure);
    if (error === undefined) return null;
    return error.cause instanceof Error && error.cause.message !== error.message
      ? `${error.message}: ${error.cause.message}`
      : error.message;
  }
}

/** Whom the server has authenticated, if it did: the identity is what the caller says of itself. */
function principalOf({ principal }: HistoryEvent, by: string | null | undefined): { by?: string } {
  return principal?.name && by != null
    ? { by: `${by}, authenticated as ${principal.type}:${principal.name}` }
    : {};
}

const longest = 600;

function json(value: unknown): string {
  const text = value === undefined || value === null ? '' : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function reasonOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const reason = typeof value === 'object' && value !== null && 'reason' in value ? value.reason : undefined;
  return typeof reason === 'string' ? reason : json(value);
}

/** A signal is in the history whether or not it was accepted. The workflow’s own check shows which. */
function refusalOf(name: string, message: unknown): string | null {
  if (name === 'calendarEvent') {
    const refused = readCalendarMessages(message).flatMap((read) => (read.ok ? [] : [read.error]));
    return refused.length === 0 ? null : refused.map(describeIssues).join('; ');
  }
  const form = name === 'pause' ? pauseRequest : name === 'stop' ? stopRequest : null;
  const read = form?.safeParse(message ?? {});
  return read === undefined || read.success ? null : describeIssues(read.error);
}
