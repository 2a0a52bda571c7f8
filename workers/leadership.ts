/**
 * A task that one worker at a time may do, in; the task done by the worker that holds its lease `leader:<name>`, and by
 * another within seconds after that one died. A task must stop when its signal aborts: another may lead from then on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LeaseStore } from '../ports/stores/nodes/leaseStore';

/** Without a renewal for this long another may lead, ms. */
const lifetimeMs = 3_500;
/** How often a worker that does not lead asks, ms. A dead leader is followed after this and the lifetime at most. */
const askEveryMs = 500;
/** Between two attempts of a task that failed, ms. */
const restartAfterMs = 5_000;

export interface LeadershipOptions {
  readonly leases: Pick<LeaseStore, 'whileHeld'>;
  /** Identity of this process. */
  readonly holder: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

export interface LedTask {
  /** What is led, for the lease and the log: `collector`. */
  readonly name: string;
  /** Runs while this process leads; `signal` aborts when it no longer does or is to stop. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Called each time this process finds that another leads. */
  readonly onFollowing?: () => void;
  /**
   * Runs beside, from when this process leads until another one does: also while nobody can be asked who leads, or what it asks
   * hangs.
   */
  readonly beside?: (signal: AbortSignal) => Promise<void>;
}

/** Leads or waits to lead until `stop` aborts; what fails is logged and tried again. Then the lease is free. */
export async function leadOrFollow(
  { leases, holder, logger }: LeadershipOptions,
  { name, run, onFollowing, beside }: LedTask,
  stop: AbortSignal,
): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: stop }).catch(() => undefined);
  const companion = companionOf(beside, logger, stop);
  while (!stop.aborted) {
    try {
      const led = await leases.whileHeld(`leader:${name}`, holder, lifetimeMs, async (_lease, lost) => {
        logger.info({ task: name, holder }, 'leads');
        companion.begin();
        try {
          await run(AbortSignal.any([lost, stop]));
        } finally {
          if (lost.aborted) logger.warn(lost.reason, `no longer leads: ${name}`);
          else logger.info({ task: name, holder }, 'stops leading');
        }
      });
      if (led === null) {
        await companion.end();
        onFollowing?.();
      }
      await pause(askEveryMs);
    } catch (error) {
      if (stop.aborted) break;
      logger.warn(error, `what is led failed: ${name}; trying again`);
      await pause(restartAfterMs);
    }
  }
  await companion.end();
}

/** Begun and ended any number of times; at most one runs. */
function companionOf(
  work: LedTask['beside'],
  logger: LeadershipOptions['logger'],
  stop: AbortSignal,
): { begin(): void; end(): Promise<void> } {
  let running: { readonly ended: AbortController; readonly done: Promise<void> } | null = null;
  return {
    begin() {
      if (work === undefined || running !== null) return;
      const ended = new AbortController();
      const done = work(AbortSignal.any([ended.signal, stop])).catch((error: unknown) =>
        logger.warn(error, 'what runs beside failed'),
      );
      running = { ended, done };
    },
    async end() {
      running?.ended.abort();
      await running?.done;
      running = null;
    },
  };
}
