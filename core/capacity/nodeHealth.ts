/**
 * The nodes of a pool as the proxy sees them, look after look → which are replaced because they have been
 * unhealthy for long or never came up, with the reason. A node that is given up stays until its successor takes traffic.
 *
 * Replacing nodes helps only where the nodes are the cause. So, as with Envoy's panic threshold and the eviction limits of
 * Kubernetes' node controller, nothing is replaced while more than half of the pool is unhealthy, at most a quarter of
 * it at a time, and at most half of it within an hour.
 */
import { durationInWords } from '../time/durationWords';
import { secondText } from '../time/instantText';

export interface NodeLook {
  readonly id: string;
  readonly state: 'booting' | 'routable' | 'unhealthy';
  /** It took traffic once: before that it may still be booting. */
  readonly served: boolean;
  /** It never took traffic, although it exists for longer than the longest lead time. Absent: no. */
  readonly neverUp?: boolean;
}

export interface UnhealthyNode {
  readonly id: string;
  /** First of the looks that found it unhealthy, or not up in time, and never healthy since, ms. */
  readonly sinceMs: number;
  /** It never took traffic. Absent: it did. */
  readonly neverUp?: true;
}

/** A node that was given up. */
export interface GivenUpNode extends UnhealthyNode {
  readonly atMs: number;
}

/** What a look found; the next one goes on from it. Plain and small: it is carried in the workflow. */
export interface PoolHealth {
  readonly atMs: number;
  /** Longest first; only the first ones are followed if there are very many. */
  readonly unhealthy: readonly UnhealthyNode[];
  /** Given up and still there: their successors are to be ordered, or boot. */
  readonly replacing: readonly UnhealthyNode[];
  /**
   * Nodes that are there and can't be counted on: unhealthy at two looks at least. 0 if so many are unhealthy that fresh nodes
   * would not help.
   */
  readonly lacking: number;
  /** Within the last hour, oldest first. */
  readonly givenUp: readonly GivenUpNode[];
  /** What is done and why, in a sentence without its full stop; null if all nodes that ever served do so now. */
  readonly finding: string | null;
}

export interface HealthInput {
  /** null before the first look, or when nothing was wrong at the last one. */
  readonly before: PoolHealth | null;
  readonly nodes: readonly NodeLook[];
  readonly nowMs: number;
  /** How long a node may be unhealthy before it is given up, ms. */
  readonly graceMs: number;
  /** Looks are half a bin apart as a rule, ms. */
  readonly binMs: number;
  /** Why nothing may be changed now; null when it may. */
  readonly frozen: string | null;
}

/** Largest share of the nodes that ever served that may be unhealthy at once; above it the cause is elsewhere. */
const commonCauseShare = 0.5;
/** Of the nodes that ever served, replaced at the same time and within an hour: as a share, at least and at most. */
const atOnce = { share: 0.25, least: 1, most: 25 };
const perHour = { share: 0.5, least: 2, most: 100 };

const hourMs = 3_600_000;
const leastGraceMs = 3 * 60_000;
const leastGraceBins = 3;
const mostFollowed = 50;
const mostNamed = 5;

/** As configured, else three minutes or three bins, whichever is longer; ms. */
export function graceInUseMs(settings: {
  readonly unhealthyGraceMs?: number | undefined;
  readonly binMs: number;
}): number {
  return settings.unhealthyGraceMs ?? Math.max(leastGraceMs, leastGraceBins * settings.binMs);
}

/** null when nothing is wrong and nothing was given up within the last hour. */
export function assessHealth(input: HealthInput): PoolHealth | null {
  const { before, nodes, nowMs, graceMs } = input;
  const serving = nodes.filter(({ state }) => state === 'routable').length;
  const unhealthy = unhealthySince(input);
  const earlier = (before?.givenUp ?? []).filter(({ atMs }) => nowMs - atMs < hourMs);
  if (unhealthy.length === 0 && earlier.length === 0) return null;
  const pool = serving + unhealthy.length;
  const overdue = unhealthy.filter(({ sinceMs }) => nowMs - sinceMs >= graceMs);
  const common = unhealthy.length > 1 && unhealthy.length > commonCauseShare * pool;
  const frozen = common
    ? 'this many at once have a cause outside of the nodes, such as what all of them depend on, a deployment or the health check: none is replaced'
    : input.frozen;
  const isGivenUp = ({ id }: UnhealthyNode) => earlier.some((known) => known.id === id);
  const under = frozen === null ? overdue.filter(isGivenUp) : [];
  const waiting = overdue.filter((node) => !isGivenUp(node));
  const room = limitOf(atOnce, pool) - under.length;
  const budget = limitOf(perHour, pool) - earlier.length;
  const next = frozen === null ? waiting.slice(0, Math.max(0, Math.min(room, budget))) : [];
  const replacing = [...under, ...next];
  const spent = budget <= 0 && waiting.length > 0 ? earlier.length : null;
  return {
    atMs: nowMs,
    unhealthy: unhealthy.slice(0, mostFollowed),
    replacing,
    lacking: common ? 0 : unhealthy.filter(({ sinceMs }) => sinceMs < nowMs).length,
    givenUp: [...earlier, ...next.map((node) => ({ ...node, atMs: nowMs }))],
    finding:
      unhealthy.length === 0
        ? null
        : inWords({ unhealthy, pool, replacing, frozen, spent, graceMs, overdue: overdue.length }),
  };
}

function limitOf({ share, least, most }: typeof atOnce, pool: number): number {
  return Math.min(most, Math.max(least, Math.floor(share * pool)));
}

/** Since when each was found unhealthy; all begin anew when nobody looked for longer than the grace and three bins. */
function unhealthySince({ before, nodes, nowMs, graceMs, binMs }: HealthInput): UnhealthyNode[] {
  const longestGapMs = Math.max(graceMs, leastGraceBins * binMs);
  const known = new Map(
    before === null || nowMs - before.atMs > longestGapMs
      ? []
      : before.unhealthy.map(({ id, sinceMs }) => [id, sinceMs]),
  );
  return nodes
    .filter(({ state, served, neverUp }) => (state === 'unhealthy' && served) || neverUp)
    .map(({ id, neverUp }) => ({
      id,
      sinceMs: known.get(id) ?? nowMs,
      ...(neverUp ? { neverUp: true as const } : {}),
    }))
    .sort((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : 1));
}

function inWords(found: {
  readonly unhealthy: readonly UnhealthyNode[];
  readonly pool: number;
  readonly replacing: readonly UnhealthyNode[];
  readonly frozen: string | null;
  /** Nodes given up within the hour, when no more may be. */
  readonly spent: number | null;
  readonly graceMs: number;
  readonly overdue: number;
}): string {
  const { unhealthy, pool, replacing, frozen, spent, graceMs, overdue } = found;
  const count = `${unhealthy.length} of ${pool} nodes ${unhealthy.length === 1 ? 'is' : 'are'} unhealthy`;
  const limit = durationInWords(graceMs);
  if (replacing.length > 0)
    return `${count}: ${named(replacing)}, longer than ${limit}, ${replacing.length === 1 ? 'is' : 'are'} being replaced${spent === null ? '' : `; ${tooMany(spent)}`}`;
  if (frozen !== null) return `${count} (${named(unhealthy)}): ${frozen}`;
  if (spent !== null) return `${count} (${named(unhealthy)}): ${tooMany(spent)}`;
  return overdue > 0
    ? `${count} (${named(unhealthy)})`
    : `${count} (${named(unhealthy)}); replaced when longer than ${limit}`;
}

const tooMany = (nodes: number): string =>
  `${nodes} were given up within the last hour and it did not help for long: no more for now, look at what they run`;

function named(nodes: readonly UnhealthyNode[]): string {
  const names = nodes
    .slice(0, mostNamed)
    .map(
      ({ id, sinceMs, neverUp }) =>
        `${id}${neverUp ? ', which never took traffic,' : ''} since ${secondText(sinceMs)}`,
    );
  return nodes.length > mostNamed
    ? `${names.join(', ')} and ${nodes.length - mostNamed} more`
    : names.join(', ');
}
