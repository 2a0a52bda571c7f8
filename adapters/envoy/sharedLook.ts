/**
 * A costly question → its answer, shared by all who ask at about the same time. A new look begins only after the last one has
 * been of use for many times as long as it took, so that being looked at costs the proxy a small, constant part of a core,
 * whether ten categories ask or a thousand.
 */

export interface SharedLookOptions {
  /** A look that takes this long costs nothing to speak of, ms: no other answer is used for it. */
  readonly cheapMs: number;
  /** Another answer is used for this many times as long as it took. */
  readonly usedFor: number;
  /** Of no more than this age, ms. */
  readonly oldestMs: number;
}

/** @param fresh true: a look that begins now, whatever is known. */
export type SharedLook<T> = (fresh?: boolean) => Promise<T>;

const usual: SharedLookOptions = { cheapMs: 30, usedFor: 20, oldestMs: 10_000 };

/** `now` must not jump: `performance.now`. */
export function sharedLook<T>(
  look: () => Promise<T>,
  now: () => number,
  { cheapMs, usedFor, oldestMs }: SharedLookOptions = usual,
): SharedLook<T> {
  let latest: { readonly answer: Promise<T>; freshUntilMs: number } | null = null;
  return (fresh = false) => {
    const startedMs = now();
    if (!fresh && latest !== null && startedMs < latest.freshUntilMs) return latest.answer;
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
