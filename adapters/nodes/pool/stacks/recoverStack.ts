/**
 * After an update that did not end (its worker was killed, it was cancelled, it failed): what is left of its command is
 * ended, the lock is lifted, and nodes in the stack's state that do not exist are dropped from it. Nodes that exist without
 * being in the state are the next update's to keep or to give up.
 */
import type { Stack } from '@pulumi/pulumi/automation';
import { updateOfVariable } from './stackWorkspaces';

/** Ends every process on this machine that has all of these variables in its environment. */
export type EndProcesses = (environment: Readonly<Record<string, string>>) => void;

/** What the commands on a category's stack have in their environment. */
export const commandsOf = (backendUrl: string, category: string): Readonly<Record<string, string>> => ({
  PULUMI_BACKEND_URL: backendUrl,
  [updateOfVariable]: category,
});

/** Call it only while holding the category's pool: it ends whatever else acts on the stack. */
export async function recoverStack(
  stack: Stack,
  category: string,
  { endProcesses, backendUrl }: { readonly endProcesses: EndProcesses; readonly backendUrl: string },
  call: { readonly signal?: AbortSignal; readonly onOutput: (text: string) => void },
): Promise<void> {
  // A command outlives its killed worker for a moment and would save its own idea of the state over ours.
  endProcesses(commandsOf(backendUrl, category));
  // Fails where there is nothing to cancel, which is as good.
  await stack.cancel().catch(() => undefined);
  const { signal, onOutput } = call;
  await stack.refresh({
    clearPendingCreates: true,
    color: 'never',
    onOutput,
    ...(signal === undefined ? {} : { signal }),
  });
}
