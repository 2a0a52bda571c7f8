/**
 * A running installation → one that stays so: every few seconds each part is asked, and what has died or hangs is started again,
 * later each time it does not help. Ends when asked to, with all left running, or when `pam down` has stopped it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/schema';
import { causeInWords } from '../core/failures/causeInWords';
import { durationInWords } from '../core/time/durationWords';
import { describeParts, type PartDescription } from './describeInstallation';
import { readInstallation, readRunFile } from './installation';
import type { StartOptions } from './startContext';
import { startInstallation } from './startInstallation';
import { isStateLocked } from './stateLock';

export interface WatchTimes {
  readonly everyMs: number;
  /** Before the second start in a row, doubled with each up to `longestMs`. */
  readonly backOffMs: number;
  readonly longestMs: number;
}

const usual: WatchTimes = { everyMs: 3_000, backOffMs: 2_000, longestMs: 60_000 };

export async function watchInstallation(
  config: Config,
  report: (line: string) => void,
  options: StartOptions & { readonly signal: AbortSignal },
  times: WatchTimes = usual,
): Promise<'interrupted' | 'stopped'> {
  // A start that is interrupted takes back what it has begun: one that watches lets it come to its end.
  const { signal, ...startOptions } = options;
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  let starts = 0;
  let hung: readonly string[] = [];
  while (!signal.aborted) {
    await pause(times.everyMs);
    if (signal.aborted) break;
    if (await isStateLocked(config.stateDir)) continue;
    if (readRunFile(config.stateDir).installation?.stopped === true) return 'stopped';
    const installation = readInstallation(config.stateDir);
    const parts = installation === null ? [] : await describeParts(installation);
    // One look may meet a busy moment; what has ended has ended.
    const wrong = parts.filter(
      ({ kind, state, name }) =>
        kind === 'ours' && (state === 'down' || (state === 'hanging' && hung.includes(name))),
    );
    hung = parts.flatMap(({ name, state }) => (state === 'hanging' ? [name] : []));
    if (installation !== null && wrong.length === 0) {
      if (hung.length === 0) starts = 0;
      continue;
    }
    report(`starting again: ${wrong.map(inWords).join('; ') || 'nothing runs'}`);
    try {
      await startInstallation(config, report, startOptions);
      hung = [];
    } catch (error) {
      if (signal.aborted) break;
      report(`it could not be started: ${causeInWords(error)}`);
    }
    const waitMs = Math.min(times.longestMs, times.backOffMs * 2 ** starts);
    starts++;
    if (starts > 1) report(`start ${starts} in a row; the next look is in ${durationInWords(waitMs)}`);
    await pause(waitMs);
  }
  return 'interrupted';
}

const inWords = ({ name, state, why }: PartDescription): string =>
  `${name} is ${state} (${why ?? 'no reason known'})`;
