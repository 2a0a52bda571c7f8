/** Fit jobs → fits in threads, up to a given number at a time. Calling a job off ends its thread. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PamError } from '../../core/errors';
import type { BlockCost } from '../../core/evaluation/costs/planCost';
import type { FitJob, FitOutcome, JudgeJob, Trainer } from '../../ports/trainer';
import type { ThreadAnswer, ThreadJob } from './fitThread';
import type { ThreadNotice } from './tensorflow';

export interface TrainerOptions {
  /** Most fits at the same time. */
  readonly threads: number;
  /** Arguments of Node.js for the threads, if they run from TypeScript sources. The process’s own by default. */
  readonly execArgv?: readonly string[];
  /** Gets what a person should know, each sentence once. */
  readonly notify?: (notice: string) => void;
}

export function createTrainer(options: TrainerOptions): Trainer {
  return new ThreadTrainer(options);
}

interface Waiting {
  readonly start: () => void;
  readonly giveUp: (reason: unknown) => void;
}

class ThreadTrainer implements Trainer {
  private readonly waiting: Waiting[] = [];
  private readonly running = new Map<Worker, (reason: unknown) => void>();
  private free: number;
  private closed = false;
  private readonly told = new Set<string>();

  constructor(private readonly options: TrainerOptions) {
    this.free = Math.max(1, Math.floor(options.threads));
    // TensorFlow’s library writes a greeting to standard error unless this variable says no; a thread cannot set it in
    // time.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
  }

  async fit(job: FitJob, signal?: AbortSignal): Promise<FitOutcome> {
    return (await this.run({ kind: 'fit', job: detached(job) }, signal)) as FitOutcome;
  }

  async judge(job: JudgeJob, signal?: AbortSignal): Promise<readonly BlockCost[] | null> {
    return (await this.run({ kind: 'judge', job: detached(job) }, signal)) as readonly BlockCost[] | null;
  }

  private async run(asked: ThreadJob, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    await this.turn(signal);
    try {
      if (this.closed) throw new PamError('UNAVAILABLE', 'the trainer is closed; no further model is fitted');
      return await this.runInThread(asked, signal);
    } finally {
      this.free++;
      this.waiting.shift()?.start();
    }
  }

  /** Ends what runs. Jobs that run or wait fail as UNAVAILABLE, so that they are tried elsewhere. */
  async close(): Promise<void> {
    this.closed = true;
    const reason = new PamError('UNAVAILABLE', 'the trainer was closed before the fit was done');
    for (const { giveUp } of this.waiting.splice(0)) giveUp(reason);
    await Promise.all(
      [...this.running].map(([worker, reject]) => {
        reject(reason);
        return worker.terminate();
      }),
    );
  }

  private notifyOnce(notice: string): void {
    if (this.told.has(notice)) return;
    this.told.add(notice);
    this.options.notify?.(notice);
  }

  /** Resolves when a thread is free for the caller, who must give it back. */
  private turn(signal?: AbortSignal): Promise<void> {
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const aborted = () => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        reject(signal?.reason);
      };
      const entry: Waiting = {
        start: () => {
          signal?.removeEventListener('abort', aborted);
          this.free--;
          resolve();
        },
        giveUp: reject,
      };
      signal?.addEventListener('abort', aborted, { once: true });
      this.waiting.push(entry);
    });
  }

  private async runInThread(asked: ThreadJob, signal?: AbortSignal): Promise<unknown> {
    const worker = new Worker(threadFile(), {
      workerData: asked,
      env: process.env,
      ...(this.options.execArgv === undefined ? {} : { execArgv: [...this.options.execArgv] }),
    });
    const aborted = () => this.running.get(worker)?.(signal?.reason);
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.running.set(worker, reject);
        signal?.addEventListener('abort', aborted, { once: true });
        worker.on('message', (answer: ThreadAnswer | ThreadNotice) => {
          if ('notice' in answer) this.notifyOnce(answer.notice);
          else if ('outcome' in answer) resolve(answer.outcome);
          else reject(errorOf(answer.failure));
        });
        worker.once('error', reject);
        worker.once('exit', (code) =>
          reject(
            new PamError(
              'UNAVAILABLE',
              `the thread that fitted "${asked.job.configuration.family}" ended with code ${code} without an answer`,
            ),
          ),
        );
      });
    } finally {
      signal?.removeEventListener('abort', aborted);
      this.running.delete(worker);
      await worker.terminate();
    }
  }
}

/** Copies the values: a view of the history would send its whole buffer to the thread. */
function detached<Job extends FitJob | JudgeJob>(job: Job): Job {
  return { ...job, history: { ...job.history, counts: job.history.counts.slice() } };
}

function errorOf({ code, message, stack }: Extract<ThreadAnswer, { failure: unknown }>['failure']): Error {
  const error = code === null ? new Error(message) : new PamError(code, message);
  error.stack = stack;
  return error;
}

/** The compiled entry beside this file, or its source if this runs from sources. */
function threadFile(): string {
  const compiled = join(__dirname, 'fitThread.js');
  return existsSync(compiled) ? compiled : join(__dirname, 'fitThread.ts');
}
