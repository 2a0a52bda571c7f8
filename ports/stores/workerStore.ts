/** Worker processes say that they are there → who has said so lately. A pid that exists may hang; a word can't be old and new. */

export interface WorkerIdentity {
  /** Unique per process start. */
  readonly identity: string;
  /** `allocation`, `training`. */
  readonly kind: string;
  readonly host: string;
  readonly pid: number;
  /** The queue of Temporal's that it takes its work from. */
  readonly taskQueue: string;
}

export interface SeenWorker extends WorkerIdentity {
  /** How long ago it said its last word, and started, ms, on the database's clock. */
  readonly seenMs: number;
  readonly startedMs: number;
}

export interface WorkerStore {
  seen(worker: WorkerIdentity): Promise<void>;
  /** It ends in order. */
  gone(identity: string): Promise<void>;
  /** Of the last day, the one seen last first. */
  list(): Promise<SeenWorker[]>;
}
