/** A category of the demo → its workflow started, asked for its status, stopped. */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { PamError } from '../../core/errors';
import { causeInWords } from '../../core/failures/causeInWords';
import { durationInWords } from '../../core/time/durationWords';
import type { PlayedCategory } from '../../simulation/workload/playPlan';
import {
  type CategoryStatus,
  categoryWorkflowId,
  queries,
  retrainWorkflowId,
  signals,
  workflowTypes,
} from '../../workflows/contracts';

/** Memo by which a later demo knows that it may stop the workflow. */
const startedBy = 'pam demo';

export class CategoryWorkflows {
  private readonly started = new Set<string>();

  constructor(
    private readonly client: Client,
    private readonly taskQueue: string,
  ) {}

  /**
   * Stops categories that an interrupted demo left running. Throws PamError CONFLICT for a category that someone else
   * runs.
   */
  async makeWay(names: readonly string[], report: (line: string) => void): Promise<void> {
    const left: string[] = [];
    for (const name of names) {
      const running = await this.runningMemo(name);
      if (running === null) continue;
      if (running.startedBy !== startedBy)
        throw new PamError(
          'CONFLICT',
          `category "${name}" runs already and was not started by a demo: stop it first with "temporal workflow signal --workflow-id ${categoryWorkflowId(name)} --name stop", give the trace another name, or set PAM_STATE to another folder`,
        );
      left.push(name);
    }
    if (left.length === 0) return;
    report(`stopping what an earlier demo left running: ${left.join(', ')}`);
    for (const name of left) this.started.add(name);
    await this.stopAll('a new demo begins', 60_000);
  }

  private async runningMemo(name: string): Promise<Record<string, unknown> | null> {
    try {
      const described = await this.client.workflow.getHandle(categoryWorkflowId(name)).describe();
      return described.status.name === 'RUNNING' ? (described.memo ?? {}) : null;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  async start({ name, input, origin }: Pick<PlayedCategory, 'name' | 'input' | 'origin'>): Promise<void> {
    try {
      await this.client.workflow.start(workflowTypes.allocateCategory, {
        taskQueue: this.taskQueue,
        workflowId: categoryWorkflowId(name),
        args: [input],
        memo: { startedBy },
        staticSummary: `Nodes for ${name}`,
        staticDetails: `Demo of ${origin}, played faster than real time.`,
      });
      this.started.add(name);
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError)
        throw new PamError('CONFLICT', `category "${name}" runs already; stop it first`, { cause: error });
      throw error;
    }
  }

  /**
   * Ends the trainings of these categories, which outlive them: the next demo would wait for a training on data that
   * was removed. Resolves to whether there were any.
   */
  async endTrainings(names: readonly string[]): Promise<boolean> {
    const ended = await Promise.all(
      names.map(async (name) => {
        try {
          await this.client.workflow.getHandle(retrainWorkflowId(name)).terminate('the demo is over');
          return true;
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return false;
          throw error;
        }
      }),
    );
    return ended.includes(true);
  }

  /** null while the workflow can’t answer; the table then shows its last answer. */
  async status(name: string): Promise<CategoryStatus | null> {
    try {
      return await this.handle(name).query(queries.status);
    } catch {
      return null;
    }
  }

  /**
   * Stops what this demo started and waits until nodes and rules are gone. Resolves to what did not stop in time, with
   * the reason.
   */
  async stopAll(reason: string, timeoutMs: number): Promise<string[]> {
    const names = [...this.started];
    this.started.clear();
    const outcomes = await Promise.allSettled(
      names.map(async (name) => {
        const handle = this.handle(name);
        await handle.signal(signals.stop, { reason });
        await within(handle.result(), timeoutMs, `not stopped within ${durationInWords(timeoutMs)}`);
        await this.endTrainings([name]);
      }),
    );
    return outcomes.flatMap((outcome, index) =>
      outcome.status === 'fulfilled' || outcome.reason instanceof WorkflowNotFoundError
        ? []
        : [`${names[index]}: ${causeInWords(outcome.reason)}`],
    );
  }

  private handle(name: string) {
    return this.client.workflow.getHandle(categoryWorkflowId(name));
  }
}

/** Rejects with `message` if the promise takes longer. */
async function within<T>(promise: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), timeoutMs);
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
