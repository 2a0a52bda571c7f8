/**
 * Nodes of a category that ended without having been given up → whether new ones are made at once or later, and what to say
 * of it. A node that ended soon after its start counts; as with the restarts of Kubernetes the pause grows with each round
 * up to a limit, and a changed command or template is tried at once.
 */
import { durationInWords } from '../time/durationWords';
import { secondText } from '../time/instantText';

export interface EndedNode {
  readonly id: string;
  /** When it was ordered, ms: nodes of one order, a round, have the same time. */
  readonly createdMs: number;
  /** When its end was noticed, ms. */
  readonly endedMs: number;
  /** Digest of what it was made from. */
  readonly madeAs: string;
  /** null: a signal ended it, or nobody saw how it ended. */
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  /** Last lines of its log, cleaned; empty if it wrote nothing. */
  readonly said: string;
}

export interface CrashLoop {
  /** Before this no node is made in place of those that ended, ms; 0 = at once. */
  readonly nextTryMs: number;
  /** In a sentence without its full stop. */
  readonly finding: string;
}

/** What lies further back does not count any more, ms: 1 h. */
export const crashWindowMs = 3_600_000;
/** A node that ran for longer has started well, ms; so has one that ran for twice its usual boot time. */
const startedWellMs = 60_000;
/** The pause after the second round in a row; the first is followed at once. */
const firstPauseMs = 10_000;
const growth = 3;
const longestPauseMs = 600_000;
/** How long an end is told of if nothing else happens, ms. */
const toldMs = 300_000;

/** True if the node ended so early that another one of its kind would, too. */
export function endedEarly(
  { createdMs, endedMs }: Pick<EndedNode, 'createdMs' | 'endedMs'>,
  bootTimeMs = 0,
): boolean {
  return endedMs - createdMs < Math.max(startedWellMs, 2 * bootTimeMs);
}

/**
 * @param ends of one category within `crashWindowMs`, in any order.
 * @param madeAs digest of what is made now; absent: that of the last end.
 * @returns null if there is nothing to tell.
 */
export function crashLoop(
  ends: readonly EndedNode[],
  nowMs: number,
  { madeAs, bootTimeMs = 0 }: { readonly madeAs?: string; readonly bootTimeMs?: number } = {},
): CrashLoop | null {
  const known = [...ends]
    .filter(({ endedMs }) => nowMs - endedMs < crashWindowMs)
    .sort((a, b) => a.endedMs - b.endedMs || (a.id < b.id ? -1 : 1));
  const last = known.at(-1);
  if (last === undefined) return null;
  const kind = madeAs ?? last.madeAs;
  const alike = known.filter((end) => end.madeAs === kind);
  const latest = alike.at(-1);
  if (latest === undefined) return null;
  const early = alike.filter((end) => endedEarly(end, bootTimeMs));
  const rounds = new Set(early.map(({ createdMs }) => createdMs)).size;
  const lastEarly = early.at(-1);
  const nextTryMs = lastEarly === undefined ? 0 : lastEarly.endedMs + pauseAfter(rounds);
  if (nowMs >= Math.max(latest.endedMs + toldMs, nextTryMs + toldMs)) return null;
  return { nextTryMs: nextTryMs > nowMs ? nextTryMs : 0, finding: inWords(alike, latest, nextTryMs, nowMs) };
}

function pauseAfter(rounds: number): number {
  return rounds < 2 ? 0 : Math.min(longestPauseMs, firstPauseMs * growth ** (rounds - 2));
}

function inWords(alike: readonly EndedNode[], last: EndedNode, nextTryMs: number, nowMs: number): string {
  const lived = durationInWords(Math.max(1_000, Math.round((last.endedMs - last.createdMs) / 1_000) * 1_000));
  const said = last.said === '' ? 'it wrote nothing' : `it wrote "${last.said}"`;
  const count =
    alike.length === 1
      ? `node ${last.id} ended by itself`
      : `${alike.length} nodes ended by themselves within the hour, the last (${last.id})`;
  const next =
    nextTryMs > nowMs
      ? `; the next is made at ${secondText(nextTryMs)}, or at once if local.command or the template is changed`
      : '';
  return `${count} at ${secondText(last.endedMs)} after ${lived}, ${howItEnded(last)}; ${said}${next}`;
}

/** An exit code or a signal in words. */
export function howItEnded({ exitCode, exitSignal }: Pick<EndedNode, 'exitCode' | 'exitSignal'>): string {
  if (exitSignal !== null)
    return exitSignal === 'SIGKILL'
      ? 'by SIGKILL that PAM did not send; the kernel sends it if memory runs out'
      : `by ${exitSignal}`;
  if (exitCode === null) return 'no worker saw how';
  return `exit code ${exitCode}${meanings[exitCode] ?? ''}`;
}

const meanings: Readonly<Record<number, string>> = {
  126: ' (the command may not be executed)',
  127: ' (the command was not found)',
  137: ' (killed by SIGKILL; the kernel sends it if memory runs out)',
  143: ' (ended by SIGTERM)',
};
