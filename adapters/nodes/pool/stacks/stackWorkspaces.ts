/** Opens a category's stack through the Automation API: everything that Pulumi keeps lies under the state folder. */
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LocalWorkspace, PulumiCommand, type Stack } from '@pulumi/pulumi/automation';
import { PamError } from '../../../../core/errors';
import { prepareBackend, removeBrokenAttributes } from './fileBackend';

export const projectName = 'pam';
/** In the environment of every command: which category it acts on, so that one left by a killed worker is found. */
export const updateOfVariable = 'PAM_UPDATE_OF';

export interface StackWorkspaces {
  readonly backendUrl: string;
  readonly pulumiHome: string;
  /** The category's stack, made when there is none; opened once per process. */
  open(category: string): Promise<Stack>;
  /** Folder with the stack's project file; exists once it was opened. */
  workFolder(category: string): string;
  /** The next `open` starts anew. */
  forget(category: string): void;
}

export interface StackWorkspaceOptions {
  readonly stateDir: string;
  /** Absolute path of the Pulumi executable. */
  readonly pulumiBinary: string;
  readonly backendUrl?: string;
  /** Port of the `pam` provider on this machine. */
  readonly providerPort: number;
}

/** The Automation API wants its command at `<root>/bin/pulumi`: a link there, wherever the executable is. */
async function commandFor(root: string, binary: string): Promise<PulumiCommand> {
  const link = join(root, 'bin', 'pulumi');
  mkdirSync(join(root, 'bin'), { recursive: true, mode: 0o700 });
  const draft = `${link}.${process.pid}`;
  rmSync(draft, { force: true });
  symlinkSync(resolve(binary), draft);
  renameSync(draft, link);
  try {
    return await PulumiCommand.get({ root });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n').join(' ').slice(0, 300) : String(cause);
    throw new PamError('TOOL_MISSING', `Pulumi's command line can't be run from ${binary}: ${why}`, {
      cause,
    });
  }
}

/**
 * `up` and `refresh` end with three more commands, which read outputs and history that nobody here asks for: they took half
 * of the time of a change.
 */
function withoutReports(stack: Stack): Stack {
  return Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
}

export async function createStackWorkspaces(options: StackWorkspaceOptions): Promise<StackWorkspaces> {
  const home = join(resolve(options.stateDir), 'pulumi');
  const pulumiHome = join(home, 'home');
  const defaultState = join(home, 'state');
  const backendUrl = prepareBackend(options.backendUrl ?? pathToFileURL(defaultState).href);
  mkdirSync(pulumiHome, { recursive: true, mode: 0o700 });
  const pulumiCommand = await commandFor(join(home, 'cli'), options.pulumiBinary);
  const workFolder = (category: string): string => join(home, 'work', category);
  const envVars = {
    PULUMI_BACKEND_URL: backendUrl,
    // The state has no secrets; an empty passphrase satisfies the provider that guards them.
    PULUMI_CONFIG_PASSPHRASE: '',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
    PULUMI_DEBUG_PROVIDERS: `pam:${options.providerPort}`,
  };
  const opened = new Map<string, Promise<Stack>>();
  return {
    backendUrl,
    pulumiHome,
    workFolder,
    open(category) {
      const known = opened.get(category);
      if (known !== undefined) return known;
      const workDir = workFolder(category);
      mkdirSync(workDir, { recursive: true, mode: 0o700 });
      removeBrokenAttributes(backendUrl, projectName, category);
      const stack = LocalWorkspace.createOrSelectStack(
        { projectName, stackName: category, program: async () => undefined },
        {
          workDir,
          pulumiHome,
          pulumiCommand,
          envVars: { ...envVars, [updateOfVariable]: category },
          projectSettings: {
            name: projectName,
            runtime: 'nodejs',
            main: workDir,
            backend: { url: backendUrl },
          },
        },
      ).then(withoutReports);
      opened.set(category, stack);
      stack.catch(() => opened.delete(category));
      return stack;
    },
    forget(category) {
      opened.delete(category);
    },
  };
}
