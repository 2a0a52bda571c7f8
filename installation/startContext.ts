/** What the parts of a starting installation share: settings, what ran before, and how a process gets on record. */
import type { Config } from '../config/schema';
import type { Installation } from './installation';
import type { ProcessRecord } from './servers/process';

export interface StartOptions {
  /** Configuration file that the workers read too. */
  readonly configFile?: string | null;
  /** Folder with allocation.js and training.js; absent: those of the build. */
  readonly workers?: string;
  /** Aborting stops what this call has started and throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What each part is given to start itself, and how it tells of a process that it started or kept. */
export interface StartContext {
  readonly config: Config;
  readonly stateDir: string;
  readonly previous: Installation | null;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
  /** The process of that name that runs already; null when there is none. */
  running(name: string): ProcessRecord | null;
  /** Puts a process on record the moment it exists, so that an interrupted start leaves nothing unknown. */
  started(record: ProcessRecord): void;
  /** Stops one that is to be replaced. */
  replace(record: ProcessRecord): Promise<void>;
}
