/** Runs a Pulumi command on a category's stack; failures and cancellations leave in the words of this project. */
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

export type StackCommand = <Result>(
  category: string,
  /** What is being done, for the message of a failure. */
  what: string,
  call: PoolCall | undefined,
  /** Aborted when the category's lock is lost. */
  lost: AbortSignal,
  run: (stack: Stack, options: CommandOptions) => Promise<Result>,
) => Promise<Result>;

/**
 * Every failure leaves as a PamError, a cancellation as the caller's own reason.
 * @param failures per stack, what our provider threw during the present command.
 */
export function createStackCommands(
  workspaces: StackWorkspaces,
  failures: Map<string, unknown>,
): StackCommand {
  return async (category, what, call, lost, run) => {
    const signal = call?.signal === undefined ? lost : AbortSignal.any([call.signal, lost]);
    signal.throwIfAborted();
    failures.delete(category);
    const onOutput = (text: string): void => {
      for (const line of text.split('\n')) if (line.trim() !== '') call?.progress?.(line.trim());
    };
    try {
      return await run(await workspaces.open(category), { signal, onOutput, color: 'never' });
    } catch (error) {
      signal.throwIfAborted();
      throw pulumiFailure(what, error, failures.get(category));
    }
  };
}
