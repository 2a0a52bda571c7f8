/**
 * The load generator in a thread of its own, so that drawing the table never delays a request. In the main thread
 * `startLoad` takes a plan and reports progress; in the thread the same file runs the plan.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { generateLoad } from './loadGenerator';
import type { LoadPlan, LoadReport } from './loadTypes';

export interface RunningLoad {
  /** Resolves when every request has its answer; rejects if the thread broke. */
  readonly done: Promise<void>;
  /** Stops sending. `done` resolves once the answers are in. */
  stop(): void;
}

export function startLoad(plan: LoadPlan, report: (report: LoadReport) => void): RunningLoad {
  const thread = new Worker(__filename, { workerData: plan });
  thread.on('message', report);
  const done = new Promise<void>((resolve, reject) => {
    thread.once('error', reject);
    thread.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the load generator ended with code ${code}`)),
    );
  });
  done.catch(() => undefined);
  return { done, stop: () => thread.postMessage('stop') };
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const stopping = new AbortController();
  port.once('message', () => stopping.abort());
  void generateLoad(workerData as LoadPlan, (message) => port.postMessage(message), stopping.signal).finally(
    () => port.close(),
  );
}
