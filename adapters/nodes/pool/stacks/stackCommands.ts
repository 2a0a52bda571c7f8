/** Runs a Pulumi command on a category's stack; failures and cancellations leave in the words of this project. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '@pulumi/pulumi/automation';
import type { PoolCall } from '../../../../ports/nodePool';
import { pulumiFailure } from './pulumiFailure';
import type { StackWorkspaces } from './stackWorkspaces';

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

/** @param failures per stack, what our provider threw during the present command. */
export function createStackCommands(
  workspaces: StackWorkspaces,
  failures: Map<string, unknown>,
): StackCommands {
  const mark = (category: string): string => join(workspaces.workFolder(category), 'command-runs');
  return {
    leftOpen: (category) => existsSync(mark(category)),
    async run(category, what, call, lost, act) {
      const signal = call?.signal === undefined ? lost : AbortSignal.any([call.signal, lost]);
      signal.throwIfAborted();
      failures.delete(category);
      const onOutput = (text: string): void => {
        for (const line of text.split('\n')) if (line.trim() !== '') call?.progress?.(line.trim());
      };
      try {
        const stack = await workspaces.open(category);
        writeFileSync(mark(category), '', { mode: 0o600 });
        const result = await act(stack, { signal, onOutput, color: 'never' });
        rmSync(mark(category), { force: true });
        return result;
      } catch (error) {
        signal.throwIfAborted();
        throw pulumiFailure(what, error, failures.get(category));
      }
    },
  };
}
