/** What the parts of a starting installation share: settings, what ran before, and how a process is recorded. */
import type { Config } from '../config/schema';
import type { Installation } from './installation';
import type { ProcessRecord } from './servers/process';

export interface StartOptions {
  /** Configuration file that the workers read too. */
  readonly configFile?: string | null;
  /** Folder with allocation.js and training.js; absent: that of the build. */
  readonly workers?: string;
  /** Aborting stops what this call has started and throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What each part gets to start itself, and how it reports a process that it started or kept. */
export interface StartContext {
  readonly config: Config;
  readonly stateDir: string;
  readonly previous: Installation | null;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
  /** The running process of that name; null if there is none. */
  running(name: string): ProcessRecord | null;
  /** Records a process as soon as it exists, so that an interrupted start leaves no unknown process. */
  started(record: ProcessRecord): void;
  /** Stops a process that is to be replaced. */
  replace(record: ProcessRecord): Promise<void>;
}
