/**
 * Cumulative counters, sampled now and then, in; requests per bin out. What lies between two samples is spread evenly
 * over the time between them; a restart of the counting, or too long a silence, leaves bins missing, never zero.
 */

/** Cumulative figures at an instant. All of them only grow within one incarnation. */
export interface Cumulative {
  readonly atMs: number;
  /**
   * When the counting began, ms; another value (by more than `incarnationToleranceMs`) means a restart. null where that is
   * not known: then only a count that went down shows it.
   */
  readonly startedMs: number | null;
  readonly figures: Readonly<Record<string, number>>;
}

export interface CountedBin {
  readonly startMs: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** A bin that is being filled. */
interface OpenBin {
  readonly startMs: number;
  readonly coveredMs: number;
  readonly figures: Readonly<Record<string, number>>;
}

export interface CounterState {
  readonly last: Cumulative | null;
  readonly open: OpenBin | null;
}

export const emptyCounterState: CounterState = { last: null, open: null };

/** The start of the counting is read to the second. */
export const incarnationToleranceMs = 3_000;
/** A silence of more than this many bins is not spread over them: how the requests lay in it is not known. */
export const longestSilenceBins = 3;
/** A bin that was seen for less than this share of its width is missing. */
const leastCoverage = 0.9;
/** Share of a bin within which two samples may have been taken in the other order. */
const overtakenShare = 0.1;

/**
 * Takes a sample; returns the bins that it completes. Requests are neither lost nor invented: without restarts and
 * silences the bins sum up to the counter's growth, scaled only where a bin was not seen in full.
 */
export function addSample(
  state: CounterState,
  sample: Cumulative,
  binMs: number,
): { state: CounterState; bins: CountedBin[] } {
  const { last } = state;
  if (last === null) return { state: { last: sample, open: null }, bins: [] };
  const spanMs = sample.atMs - last.atMs;
  if (spanMs <= 0 || isOvertaken(last, sample, binMs)) return { state, bins: [] };
  if (isRestart(last, sample)) return { state: { last: sample, open: null }, bins: [] };
  if (spanMs > longestSilenceBins * binMs) return { state: { last: sample, open: null }, bins: [] };

  const growth = difference(sample.figures, last.figures);
  const bins: CountedBin[] = [];
  let open = state.open;
  for (let fromMs = last.atMs; fromMs < sample.atMs; ) {
    const startMs = Math.floor(fromMs / binMs) * binMs;
    const toMs = Math.min(sample.atMs, startMs + binMs);
    open = extend(
      open?.startMs === startMs ? open : null,
      startMs,
      toMs - fromMs,
      growth,
      (toMs - fromMs) / spanMs,
    );
    if (toMs === startMs + binMs) {
      const share = open.coveredMs / binMs;
      if (share >= leastCoverage)
        bins.push({ startMs, figures: scaled(open.figures, 1 / Math.min(1, share)) });
      open = null;
    }
    fromMs = toMs;
  }
  return { state: { last: sample, open }, bins };
}

/** The bins that samples complete, oldest first. */
export function countedBins(samples: readonly Cumulative[], binMs: number): CountedBin[] {
  let state = emptyCounterState;
  return [...samples]
    .sort((a, b) => a.atMs - b.atMs)
    .flatMap((sample) => {
      const added = addSample(state, sample, binMs);
      state = added.state;
      return added.bins;
    });
}

/** Whether the counting began anew between two samples, so that their difference says nothing. */
export function isRestart(last: Cumulative, sample: Cumulative): boolean {
  return !sameStart(last, sample) || isLower(last, sample);
}

const sameStart = (last: Cumulative, sample: Cumulative): boolean =>
  last.startedMs === null ||
  sample.startedMs === null ||
  Math.abs(last.startedMs - sample.startedMs) <= incarnationToleranceMs;

const isLower = (last: Cumulative, sample: Cumulative): boolean =>
  Object.entries(last.figures).some(([name, value]) => (sample.figures[name] ?? 0) < value);

/**
 * Two collectors that look at the same time may be answered in the other order than they asked: a count that is lower a
 * moment after another one is such an answer, and says nothing. If the counting did begin anew, the next sample shows it.
 */
function isOvertaken(last: Cumulative, sample: Cumulative, binMs: number): boolean {
  const moment = Math.min(incarnationToleranceMs, binMs * overtakenShare);
  return sample.atMs - last.atMs < moment && sameStart(last, sample) && isLower(last, sample);
}

function difference(
  now: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

function extend(
  open: OpenBin | null,
  startMs: number,
  addedMs: number,
  growth: Readonly<Record<string, number>>,
  share: number,
): OpenBin {
  const figures = Object.fromEntries(
    Object.entries(growth).map(([name, value]) => [name, (open?.figures[name] ?? 0) + value * share]),
  );
  return { startMs, coveredMs: (open?.coveredMs ?? 0) + addedMs, figures };
}

function scaled(figures: Readonly<Record<string, number>>, factor: number): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value * factor]));
}
