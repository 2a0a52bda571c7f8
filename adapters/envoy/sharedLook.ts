/**
 * A costly question → its answer, shared by all who ask at about the same time. A new look begins only after the last one has
 * been of use for many times as long as it took, so that being looked at costs the proxy a small, constant part of a core,
 * whether ten categories ask or a thousand.
 */

/** A look that takes this long costs nothing to speak of, ms. */
const cheapMs = 30;
/** Another answer is used for this many times as long as it took. */
const usedFor = 20;
/** Of no more than this age, ms. */
const oldestMs = 10_000;

/** `now` must not jump: `performance.now`. */
export function sharedLook<T>(look: () => Promise<T>, now: () => number): () => Promise<T> {
  let latest: { readonly answer: Promise<T>; freshUntilMs: number } | null = null;
  return () => {
    const startedMs = now();
    if (latest !== null && startedMs < latest.freshUntilMs) return latest.answer;
    const answer = look();
    const begun = { answer, freshUntilMs: Number.POSITIVE_INFINITY };
    latest = begun;
    answer.then(
      () => {
        const endedMs = now();
        const tookMs = endedMs - startedMs;
        begun.freshUntilMs = tookMs < cheapMs ? endedMs : endedMs + Math.min(oldestMs, usedFor * tookMs);
      },
      () => {
        if (latest === begun) latest = null;
      },
    );
    return answer;
  };
}
