/** A process’s name → the signal that ends it, and its grace. */
const plans: Readonly<Record<string, readonly [NodeJS.Signals, number]>> = {
  // A worker finishes the activities it has begun. What it can’t, another one or the next start takes up.
  'allocation worker': ['SIGTERM', 15_000],
  'training worker': ['SIGTERM', 8_000],
  envoy: ['SIGTERM', 5_000],
  discovery: ['SIGTERM', 5_000],
  temporal: ['SIGTERM', 5_000],
  // PostgreSQL’s fast shutdown: sessions are cut, no committed data are lost, after SIGKILL neither.
  postgres: ['SIGINT', 15_000],
};

/** Signal and grace, ms. */
export function stopSignals(name: string): readonly [NodeJS.Signals, number] {
  return plans[name] ?? ['SIGTERM', 5_000];
}

/** Whether it uses the servers: workers end before these. */
export const isWorker = ({ name }: { readonly name: string }): boolean => name.endsWith('worker');
