/**
 * The start of a known occasion, the demand around it and the lives of nodes → when the nodes of the ramp were ordered
 * and took traffic, relative to the bin that first needed them.
 */
import { type NodeSpan, neededNodes, type PlayedBins, type Readiness, routableAtStart } from './playFigures';

/** Bins, positive = before the first bin that needed the node, negative = after it. */
export interface Ahead {
  readonly median: number;
  readonly worst: number;
}

/** `needed`: new nodes, beyond those at the start of the window. */
export interface EventRamp extends Readiness {
  /** Nodes needed at the start of the ramp’s window, and at most in it. */
  readonly from: number;
  readonly to: number;
  /** For the nodes that the ramp newly needed; null without any. */
  readonly orderedAhead: Ahead | null;
  readonly routableAhead: Ahead | null;
  /** Requests above what the routable nodes of their bin serve. */
  readonly overflow: number;
}

/** The window of a ramp: from before its occasion’s start to after it, minutes of a day of 1,440. */
export const rampBeforeMinutes = 30;
export const rampAfterMinutes = 60;

/** First and past-the-end bin of the ramp of an occasion that begins at `startMs`, within the played bins. */
export function rampBins(
  { fromMs, binMs, counts }: PlayedBins,
  startMs: number,
  dayBins: number,
): [number, number] {
  const start = Math.floor((startMs - fromMs) / binMs);
  const bins = (minutes: number) => Math.ceil((minutes * dayBins) / 1_440);
  return [
    Math.max(0, start - bins(rampBeforeMinutes)),
    Math.min(counts.length, start + bins(rampAfterMinutes)),
  ];
}

export function eventRamp(
  played: PlayedBins,
  nodes: readonly NodeSpan[],
  requestsPerNodeBin: number,
  [first, end]: readonly [number, number],
): EventRamp {
  const needed = neededNodes(played.counts, requestsPerNodeBin).slice(first, end);
  const routable = routableAtStart(nodes, played).slice(first, end);
  const steps = newlyNeeded(needed);
  const instants = steps.map(({ node, bin }) => ({
    node,
    atMs: played.fromMs + (first + bin) * played.binMs,
  }));
  const ahead = (since: (node: NodeSpan) => number | null) =>
    aheadOf(instants, nodes, since, played.binMs, played.fromMs + played.counts.length * played.binMs);
  return {
    from: needed[0] ?? 0,
    to: Math.max(0, ...needed),
    needed: steps.length,
    ready: steps.filter(({ node, bin }) => (routable[bin] ?? 0) >= node).length,
    shortBins: needed.filter((want, bin) => (routable[bin] ?? 0) < want).length,
    bins: needed.length,
    orderedAhead: ahead(({ createdMs }) => createdMs),
    routableAhead: ahead(({ routableMs }) => routableMs),
    overflow: overflowOf(played.counts.slice(first, end), routable, requestsPerNodeBin),
  };
}

/** Requests above the capacity of the nodes that take traffic, summed over the bins. */
export function overflowOf(
  counts: readonly number[],
  routable: readonly number[],
  requestsPerNodeBin: number,
): number {
  return counts.reduce(
    (sum, count, bin) => sum + Math.max(0, count - (routable[bin] ?? 0) * requestsPerNodeBin),
    0,
  );
}

/** Each node above the highest need so far, with the bin that first needs it. */
function newlyNeeded(needed: readonly number[]): { node: number; bin: number }[] {
  const steps: { node: number; bin: number }[] = [];
  let most = needed[0] ?? 0;
  needed.forEach((want, bin) => {
    for (; most < want; most++) steps.push({ node: most + 1, bin });
  });
  return steps;
}

function aheadOf(
  steps: readonly { node: number; atMs: number }[],
  nodes: readonly NodeSpan[],
  since: (node: NodeSpan) => number | null,
  binMs: number,
  toMs: number,
): Ahead | null {
  if (steps.length === 0) return null;
  const ahead = steps
    .map(({ node, atMs }) => (atMs - reachedMs(nodes, since, node, atMs, toMs)) / binMs)
    .sort((a, b) => a - b);
  return { median: ahead[Math.floor((ahead.length - 1) / 2)] ?? 0, worst: ahead[0] ?? 0 };
}

/**
 * Since when there have been `wanted` nodes without a break at `atMs`. If there were fewer: when there next were, at
 * most `toMs`.
 */
function reachedMs(
  nodes: readonly NodeSpan[],
  since: (node: NodeSpan) => number | null,
  wanted: number,
  atMs: number,
  toMs: number,
): number {
  const changes = nodes
    .flatMap((node) => {
      const fromMs = since(node);
      if (fromMs === null) return [];
      return [
        { timeMs: fromMs, change: 1 },
        ...(node.removedMs === null ? [] : [{ timeMs: node.removedMs, change: -1 }]),
      ];
    })
    // A node that comes at the instant at which another goes leaves no gap.
    .sort((a, b) => a.timeMs - b.timeMs || b.change - a.change);
  let count = 0;
  let reached: number | null = null;
  for (const { timeMs, change } of changes) {
    if (timeMs > atMs && reached !== null) break;
    count += change;
    if (count < wanted) reached = null;
    else reached ??= timeMs;
  }
  return Math.min(toMs, reached ?? toMs);
}
