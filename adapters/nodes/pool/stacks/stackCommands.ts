/**
 * Runs a Pulumi command on a category's stack; failures and cancellations leave in the words of this project. What keeps
 * Pulumi from using its own state is mended on the way: a state file that can't be read, a stack that is gone, a lock that
 * nobody holds any more.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConcurrentUpdateError, type Stack } from '@pulumi/pulumi/automation';
import { messageOf } from '../../../../core/thrown';
import type { PoolCall } from '../../../../ports/nodePool';
import { prepareBackend } from './fileBackend';
import { pulumiFailure, refusedState } from './pulumiFailure';
import { giveUpState, hasStateFile, mendStackFile } from './stackFile';
import { projectName, type StackWorkspaces } from './stackWorkspaces';

/** Options that every command takes. */
export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
  readonly color: 'never';
}

export interface StackCommands {
  /** Every failure leaves as a PamError, a cancellation as the caller's own reason. */
  run<Result>(
    category: string,
    /** What is being done, for the message of a failure. */
    what: string,
    call: PoolCall | undefined,
    /** Aborted when the pool's lease is lost. */
    lost: AbortSignal,
    act: (stack: Stack, options: CommandOptions) => Promise<Result>,
  ): Promise<Result>;
  /**
   * True if the last command of this state folder on the stack did not end well: what Pulumi keeps here may be locked or
   * behind. Whether the pool is as it should be says the ledger alone.
   */
  leftOpen(category: string): boolean;
}

export interface StackCommandsOptions {
  readonly workspaces: StackWorkspaces;
  /** Per stack, what our provider threw during the present command. */
  readonly failures: Map<string, unknown>;
  /** Ends what is left of an earlier command on the stack. */
  readonly endCommands: (category: string) => void;
  /** Told of what was mended. */
  readonly mended: (category: string, what: string) => Promise<void>;
}

/** A state, its backup and some of its history may all be refused. */
const mostRepairs = 6;

export function createStackCommands(options: StackCommandsOptions): StackCommands {
  const { workspaces, failures, endCommands, mended } = options;
  const mark = (category: string): string => join(workspaces.workFolder(category), 'command-runs');
  const placeOf = (stack: string) => ({ backendUrl: workspaces.backendUrl, project: projectName, stack });
  /** Stacks that this process has opened and that had a state then. */
  const seen = new Set<string>();

  /** Puts in order what a look shows, then opens the stack. */
  const open = async (category: string): Promise<Stack> => {
    prepareBackend(workspaces.backendUrl);
    for (const what of mendStackFile(placeOf(category))) {
      workspaces.forget(category);
      await mended(category, what);
    }
    // The state or the working folder may be gone since this process has opened the stack.
    const lostState = seen.has(category) && hasStateFile(placeOf(category)) === false;
    if (lostState || !existsSync(workspaces.workFolder(category))) workspaces.forget(category);
    if (lostState)
      await mended(
        category,
        "Pulumi's state of its nodes was gone: it is made anew from the nodes that exist",
      );
    const stack = await workspaces.open(category);
    if (hasStateFile(placeOf(category)) !== false) seen.add(category);
    return stack;
  };

  /** Mends what a failed command complains of; false if nothing can be mended. */
  const mend = async (category: string, error: unknown, passed: Set<string>): Promise<boolean> => {
    const stack = await workspaces.open(category).catch(() => null);
    if (error instanceof ConcurrentUpdateError) {
      endCommands(category);
      await stack?.cancel().catch(() => undefined);
      await mended(category, 'a lock on the state of its nodes was left behind: lifted');
      return stack !== null;
    }
    const why = refusedState(messageOf(error));
    if (why === null) return false;
    workspaces.forget(category);
    // What lies there is made from the stack: a settings file that can't be read is one cause.
    rmSync(workspaces.workFolder(category), { recursive: true, force: true });
    if (why === 'gone') return true;
    const what = giveUpState(placeOf(category), why, passed);
    if (what !== null) await mended(category, what);
    return what !== null;
  };

  return {
    leftOpen: (category) => existsSync(mark(category)),
    async run(category, what, call, lost, act) {
      const signal = call?.signal === undefined ? lost : AbortSignal.any([call.signal, lost]);
      signal.throwIfAborted();
      failures.delete(category);
      const onOutput = (text: string): void => {
        for (const line of text.split('\n')) if (line.trim() !== '') call?.progress?.(line.trim());
      };
      const passed = new Set<string>();
      for (let repairs = 0; ; repairs += 1) {
        try {
          const stack = await open(category);
          mkdirSync(dirname(mark(category)), { recursive: true, mode: 0o700 });
          writeFileSync(mark(category), '', { mode: 0o600 });
          const result = await act(stack, { signal, onOutput, color: 'never' });
          rmSync(mark(category), { force: true });
          seen.add(category);
          return result;
        } catch (error) {
          signal.throwIfAborted();
          const ours = failures.get(category);
          if (ours === undefined && repairs < mostRepairs && (await mend(category, error, passed))) continue;
          throw pulumiFailure(what, error, ours);
        }
      }
    },
  };
}
