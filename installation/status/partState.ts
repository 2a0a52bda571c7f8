/** What a part of an installation answered when it was asked, and how long it is waited for. */
import { causeInWords } from '../../core/failures/causeInWords';
import { durationInWords } from '../../core/time/durationWords';

/**
 * `failing`: answers, and can't do its work. `hanging`: exists, and does not answer. `starting`: does not answer yet, and was
 * started a moment ago.
 */
export type PartState = 'up' | 'failing' | 'hanging' | 'starting' | 'down';

export interface Answer {
  readonly state: PartState;
  /** What is wrong; null if nothing is. */
  readonly why: string | null;
  /** Since when, ms; null = not known, or nothing is wrong. */
  readonly sinceMs: number | null;
}

export const up: Answer = { state: 'up', why: null, sinceMs: null };

/** What a healthy server needs no tenth of. */
export const patienceMs = 3_000;

/** `ask` may throw; it gets a signal that aborts when nobody waits any more. */
export async function answerWithin(
  ask: (signal: AbortSignal) => Promise<Answer>,
  deadlineMs: number,
): Promise<Answer> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const tooLate = new Promise<Answer>((resolve) => {
    deadline.addEventListener('abort', () =>
      resolve({
        state: 'hanging',
        why: `no answer within ${durationInWords(deadlineMs)}`,
        sinceMs: null,
      }),
    );
  });
  const answer = ask(deadline).catch(
    (error: unknown): Answer => ({
      state: 'hanging',
      why: causeInWords(error),
      sinceMs: null,
    }),
  );
  return Promise.race([answer, tooLate]);
}
