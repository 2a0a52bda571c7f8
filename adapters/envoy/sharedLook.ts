/**
 * A costly question → its answer, shared by all who ask at about the same time. A new look begins only after the last one has
 * been of use for many times as long as it took, so that being looked at costs the proxy a small, constant part of a core,
 * whether ten categories ask or a thousand.
 */

/** @param fresh true: a look that begins now, whatever is known. */
export type SharedLook<T> = (fresh?: boolean) => Promise<T>;

/** A look that takes this long costs nothing to speak of, ms. */
const cheapMs = 30;
/** Another answer is used for this many times as long as it took. */
export const usedFor = 60;
/** Of no more than this age, ms. */
const oldestMs = 10_000;

/**
 * @param now must not jump: `performance.now`.
 * @param usedForMs of an answer and the ms that it took, how long it is used after that, ms.
 */
export function sharedLook<T>(
  look: () => Promise<T>,
  now: () => number,
  usedForMs: (answer: T, tookMs: number) => number = (_, tookMs) =>
    tookMs < cheapMs ? 0 : Math.min(oldestMs, usedFor * tookMs),
): SharedLook<T> {
  let latest: { readonly answer: Promise<T>; freshUntilMs: number } | null = null;
  return (fresh = false) => {
    const startedMs = now();
    if (!fresh && latest !== null && startedMs < latest.freshUntilMs) return latest.answer;
    const answer = look();
    const begun = { answer, freshUntilMs: Number.POSITIVE_INFINITY };
    latest = begun;
    answer.then(
      (given) => {
        const endedMs = now();
        begun.freshUntilMs = endedMs + usedForMs(given, endedMs - startedMs);
      },
      () => {
        if (latest === begun) latest = null;
      },
    );
    return answer;
  };
}
