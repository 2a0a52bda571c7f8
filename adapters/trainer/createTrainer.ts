/** Fit jobs → threads, at most so many at a time; a job that is called off takes its thread with it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PamError } from '../../core/errors';
import type { FitJob, FitOutcome, Trainer } from '../../ports/trainer';
import type { ThreadAnswer } from './fitThread';

export interface TrainerOptions {
  /** Fits at the same time. */
  readonly threads: number;
  /** Arguments of Node for the threads, where they run from TypeScript sources; the process's own by default. */
  readonly execArgv?: readonly string[];
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

  constructor(private readonly options: TrainerOptions) {
    this.free = Math.max(1, Math.floor(options.threads));
  }

  async fit(job: FitJob, signal?: AbortSignal): Promise<FitOutcome> {
    signal?.throwIfAborted();
    await this.turn(signal);
    try {
      if (this.closed) throw new PamError('UNAVAILABLE', 'the trainer is closed; no further model is fitted');
      return await this.runInThread(job, signal);
    } finally {
      this.free++;
      this.waiting.shift()?.start();
    }
  }

  /** Ends what runs; jobs that run or wait fail as UNAVAILABLE, to be tried elsewhere. */
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

  /** Resolves when a thread is free for the caller, who gives it back. */
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

  private async runInThread(job: FitJob, signal?: AbortSignal): Promise<FitOutcome> {
    // A view would take its whole buffer along.
    const workerData: FitJob = { ...job, history: { ...job.history, counts: job.history.counts.slice() } };
    const worker = new Worker(threadFile(), {
      workerData,
      ...(this.options.execArgv === undefined ? {} : { execArgv: [...this.options.execArgv] }),
    });
    const aborted = () => this.running.get(worker)?.(signal?.reason);
    try {
      return await new Promise<FitOutcome>((resolve, reject) => {
        this.running.set(worker, reject);
        signal?.addEventListener('abort', aborted, { once: true });
        worker.once('message', (answer: ThreadAnswer) => {
          if ('outcome' in answer) resolve(answer.outcome);
          else reject(errorOf(answer.failure));
        });
        worker.once('error', reject);
        worker.once('exit', (code) =>
          reject(
            new PamError(
              'UNAVAILABLE',
              `the thread that fitted "${job.family}" ended with code ${code} without an answer`,
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

function errorOf({ code, message, stack }: Extract<ThreadAnswer, { failure: unknown }>['failure']): Error {
  const error = code === null ? new Error(message) : new PamError(code, message);
  error.stack = stack;
  return error;
}

/** The compiled entry beside this file, or its source where this runs from sources. */
function threadFile(): string {
  const compiled = join(__dirname, 'fitThread.js');
  return existsSync(compiled) ? compiled : join(__dirname, 'fitThread.ts');
}
