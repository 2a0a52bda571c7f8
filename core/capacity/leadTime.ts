/**
 * How long nodes took from their order to taking traffic → the lead that is planned with, in bins, with the reason. The
 * configured lead stands until the orders contradict it beyond chance, which is also what keeps it from flapping.
 */
import { durationInWords } from '../time/durationWords';
import { bootQuantile, hasFailed, lateShare, longestOf, type NodeBoot, type Order, ordersOf } from './boots';

export interface LeadInput {
  /** Of the latest orders, see `leadWindow`. */
  readonly boots: readonly NodeBoot[];
  readonly binMs: number;
  readonly configuredMs: number;
  /** `fixed`: the configured lead, whatever is measured. */
  readonly mode: 'measured' | 'fixed';
  /** The lead time of the last plan; null at first, and if the configured lead time or the bin has changed since. */
  readonly before: LeadState | null;
  readonly nowMs: number;
}

/** What is carried from one decision to the next. */
export interface LeadState {
  /** What is planned with. */
  readonly bins: number;
  /** When it was last raised and lowered, ms; null = never. */
  readonly raisedMs: number | null;
  readonly loweredMs: number | null;
}

export interface LeadTime extends LeadState {
  /** Why this number of bins. */
  readonly reason: string;
  /** What its owner should look at; null when all is well. */
  readonly warning: string | null;
  /** Orders and nodes that it rests on. */
  readonly orders: number;
  readonly nodes: number;
  /** Orders that brought no node within the longest lead. */
  readonly failed: number;
  /** Ms from the order to routable; null if it is not known, or too many nodes never came. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

/** How many orders are looked at, and how old they may be, since machines and images of a pool change. */
export const leadWindow = { orders: 200, days: 14 } as const;

/**
 * The share of orders that the lead time covers. A late node is missing only for the bins that it is late, so covering the
 * slowest of many boots would buy little.
 */
const onTime = 0.95;
const late = 1 - onTime;
/**
 * It goes up if as many orders were late as chance brings once in 500 times: three of the latest three to five
 * orders, or 19 of 200. Too short a lead costs requests at once.
 */
const chanceUp = 0.002;
/**
 * It goes down when 0.95 of the orders come earlier with a confidence of 0.95: from 59 orders on, none of them late
 * (Wilks 1941). Too long a lead only costs some nodes.
 */
const chanceDown = 0.05;
/** Longest lead time that is planned with, as a multiple of the configured one: looking further ahead does not mend a cloud
 * that is stuck. */
const mostTimes = 3;
/** While most of the slow orders have not come it goes up by this factor. */
const stepUnknown = 1.5;
/** A measured lead time this many times longer or shorter than configured is reported. */
const farTimes = 2;

/** The settings of a category that decide its lead time. */
export interface LeadSettings {
  readonly leadMs: number;
  readonly leadMode: 'measured' | 'fixed';
  readonly binMs: number;
}

/** The measurement if it was made under these settings; null otherwise. */
export function measuredLead<T extends LeadState & { readonly binMs: number; readonly configuredMs: number }>(
  settings: LeadSettings,
  record: T | null,
): T | null {
  const holds =
    record !== null &&
    settings.leadMode === 'measured' &&
    record.binMs === settings.binMs &&
    record.configuredMs === settings.leadMs;
  return holds ? record : null;
}

/** Bins of lead that are planned and trained with. */
export function leadBinsInUse(
  settings: LeadSettings,
  record: (LeadState & { readonly binMs: number; readonly configuredMs: number }) | null,
): number {
  return measuredLead(settings, record)?.bins ?? binsFor(settings.leadMs, settings.binMs);
}

/** Longest lead time that is ever planned with, in bins. */
export function longestLeadBins(configuredMs: number, binMs: number): number {
  return Math.max(binsFor(configuredMs, binMs), binsFor(mostTimes * configuredMs, binMs));
}

/**
 * The lead counts from the start of the bin that was decided for, since the forecast's window begins there; a regular
 * decision comes `tickDelay` later, its node takes the measured time from there:
 *
 *   bins = ⌈(tick delay + quantile at 0.95 of order → routable) ÷ bin⌉
 *
 * Deterministic; always between 1 and `longestLeadBins`.
 */
export function planLead(input: LeadInput): LeadTime {
  const { boots, binMs, configuredMs, mode } = input;
  const configured = binsFor(configuredMs, binMs);
  const longest = longestLeadBins(configuredMs, binMs);
  const orders = ordersOf(boots, binMs);
  const delayMs = tickDelay(orders, binMs);
  const p95 = bootQuantile(orders, onTime);
  const failed = orders.filter((order) => hasFailed(order, longest * binMs)).length;
  const told = (state: LeadState, reason: string): LeadTime => ({
    ...state,
    reason,
    warning: warningOf({ bins: state.bins, configured, longest, binMs, mode, failed, orders, p95, delayMs }),
    orders: orders.length,
    nodes: orders.reduce((sum, { nodes }) => sum + nodes.length, 0),
    failed,
    p50Ms: known(bootQuantile(orders, 0.5)),
    p95Ms: known(p95),
  });
  const first: LeadState = { bins: configured, raisedMs: null, loweredMs: null };
  if (mode === 'fixed') return told(first, 'fixed by its settings');
  const before = { ...(input.before ?? first) };
  const now = Math.max(1, Math.min(longest, before.bins));

  // What a change was made for is no reason for the next one in the other direction.
  const slow = mostLate(since(orders, before.loweredMs), now * binMs - delayMs);
  if (slow !== null && now < longest) {
    const quantile = bootQuantile(slow.of, onTime);
    const shown = Number.isFinite(quantile) ? quantile : Math.max(...slow.of.map(longestOf));
    const least = Number.isFinite(quantile) ? now + 1 : Math.ceil(now * stepUnknown);
    return told(
      {
        ...before,
        bins: Math.min(longest, Math.max(least, Math.ceil((shown + delayMs) / binMs))),
        raisedMs: input.nowMs,
      },
      `raised from ${countOfBins(now)}, by when of the latest ${slow.of.length} orders ${round(slow.late)} were not routable`,
    );
  }
  const latest = since(orders, before.raisedMs);
  let bins = now;
  while (bins > 1 && earlyEnough(latest, (bins - 1) * binMs - delayMs)) bins--;
  if (bins < now)
    return told(
      { ...before, bins, loweredMs: input.nowMs },
      `lowered from ${countOfBins(now)}, since ${latest.length} orders show that ${onTime * 100} % of them are routable sooner`,
    );
  const standing = now === configured ? 'as configured' : 'as before';
  return told(
    { ...before, bins: now },
    orders.length === 0
      ? `${standing}: no order has been measured yet`
      : `${standing}: ${countedOrders(orders.length)} not contradict it`,
  );
}

function since(orders: readonly Order[], timeMs: number | null): readonly Order[] {
  return timeMs === null ? orders : orders.filter(({ orderedMs }) => orderedMs >= timeMs);
}

/** How long after the start of its bin a regular decision is made: the median over those of the first half of a bin. */
function tickDelay(orders: readonly Order[], binMs: number): number {
  const delays = orders
    .map(({ orderedMs }) => orderedMs % binMs)
    .filter((delay) => delay < binMs / 2)
    .sort((a, b) => a - b);
  return delays[Math.floor(delays.length / 2)] ?? 0;
}

/** The latest orders of which too many took longer than `ms` for chance; null when there is no such stretch. */
function mostLate(orders: readonly Order[], ms: number): { late: number; of: readonly Order[] } | null {
  let best: { late: number; of: readonly Order[] } | null = null;
  let least = chanceUp;
  walkBack(orders, ms, (lateCount, known, from) => {
    const chance = atLeastLate(Math.floor(lateCount + 1e-9), known);
    if (chance < least) {
      least = chance;
      best = { late: lateCount, of: orders.slice(from) };
    }
  });
  return best;
}

/** Whether a stretch of latest orders shows with confidence that at most a share `late` takes longer than `ms`. */
function earlyEnough(orders: readonly Order[], ms: number): boolean {
  let shown = false;
  walkBack(orders, ms, (lateCount, known) => {
    shown ||= 1 - atLeastLate(Math.ceil(lateCount - 1e-9) + 1, known) <= chanceDown;
  });
  return shown;
}

/** From the latest order backwards: how many of the orders, from index `from` on, took longer than `ms`. */
function walkBack(
  orders: readonly Order[],
  ms: number,
  look: (late: number, known: number, from: number) => void,
): void {
  let lateCount = 0;
  let knownCount = 0;
  for (let from = orders.length - 1; from >= 0; from--) {
    const share = lateShare(orders[from]!, ms);
    if (share === null) continue;
    lateCount += share;
    knownCount += 1;
    look(lateCount, knownCount, from);
  }
}

/** P(X ≥ count), X binomial of `of` orders that are late with probability `late`. */
function atLeastLate(count: number, of: number): number {
  let term = onTime ** of;
  let below = 0;
  for (let k = 0; k < Math.min(count, of + 1); k++) {
    below += term;
    term *= ((of - k) / (k + 1)) * (late / onTime);
  }
  return Math.max(0, 1 - below);
}

function warningOf(facts: {
  readonly bins: number;
  readonly configured: number;
  readonly longest: number;
  readonly binMs: number;
  readonly mode: LeadInput['mode'];
  readonly failed: number;
  readonly orders: readonly Order[];
  readonly p95: number;
  readonly delayMs: number;
}): string | null {
  const { bins, configured, longest, binMs, mode, failed, orders, p95, delayMs } = facts;
  const parts: string[] = [];
  const needed = Math.ceil((p95 + delayMs) / binMs);
  if (failed > 0)
    parts.push(
      `${failed} of the latest ${orders.length} orders brought no routable node within ${durationInWords(longest * binMs)}`,
    );
  if (mode === 'fixed' && mostLate(orders, configured * binMs - delayMs) !== null)
    parts.push(
      `nodes take longer than the fixed lead of ${durationInWords(configured * binMs)}: raise "lead", or let it be measured`,
    );
  else if (bins === longest && bins > configured && needed > longest)
    parts.push(
      `nodes take longer than ${mostTimes} times the configured lead, the most that is planned with (${durationInWords(bins * binMs)}): look at the pool, or raise "lead"`,
    );
  else if (bins >= farTimes * configured || bins * farTimes <= configured)
    parts.push(
      `measured far from the configured lead of ${durationInWords(configured * binMs)}: "lead" may be set to what is measured`,
    );
  return parts.length === 0 ? null : parts.join('; ');
}

const binsFor = (durationMs: number, binMs: number): number =>
  Math.max(1, Math.ceil(durationMs / binMs - 1e-9));
const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
const round = (value: number): number => Number(value.toFixed(1));
const countedOrders = (count: number): string => (count === 1 ? '1 order does' : `${count} orders do`);

/** `1 bin`, `6 bins`. */
export const countOfBins = (bins: number): string => (bins === 1 ? '1 bin' : `${bins} bins`);
