/** Announced windows → the last moment to order their nodes, and how many nodes to order now. */

/** A time for which nodes must take traffic when it begins. */
export interface ComingWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** null = what the demand in it needs. */
  readonly nodes: number | null;
  readonly reason: string;
  /** Inside it nothing is ordered or given up. */
  readonly freezes: boolean;
}

export interface WindowOrder {
  readonly window: ComingWindow;
  /** The last moment to order its nodes, ms. */
  readonly orderByMs: number;
  /** Times in which nothing can be ordered, ascending and apart. */
  readonly frozen: readonly Span[];
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Windows that have not begun, by start, with the last moment to order: their start less the lead. Where that falls into
 * a window that freezes, or before its start but too late for it, it is the moment for that window's own nodes.
 */
export function windowOrders(windows: readonly ComingWindow[], atMs: number, leadMs: number): WindowOrder[] {
  const frozen = apart(windows.filter(({ freezes }) => freezes));
  let freeze = { orderByMs: Number.NEGATIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY };
  return windows
    .filter(({ fromMs }) => fromMs > atMs)
    .sort((a, b) => a.fromMs - b.fromMs)
    .map((window) => {
      const inFreeze = window.fromMs - leadMs < freeze.untilMs;
      const orderByMs = inFreeze ? freeze.orderByMs : window.fromMs - leadMs;
      if (window.freezes)
        freeze = { orderByMs, untilMs: inFreeze ? Math.max(freeze.untilMs, window.toMs) : window.toMs };
      return { window, orderByMs, frozen };
    });
}

export interface PreparationInput {
  readonly atMs: number;
  readonly binMs: number;
  /** Most nodes that one decision adds; absent = no limit. */
  readonly maxStepUp?: number | undefined;
}

/** Whether the order must begin with this decision, if each decision adds at most `most` nodes. */
export function isInReach(order: WindowOrder, most: number, input: PreparationInput): boolean {
  return (
    laterDecisions(order, input) * (input.maxStepUp ?? Number.POSITIVE_INFINITY) < most || due(order, input)
  );
}

/** A window with the nodes that it needs and where the number is from, in words. */
export interface WindowNeed extends WindowOrder {
  readonly nodes: number;
  readonly basis: string;
}

/** Fewest nodes to plan now, with the reason. */
export interface Preparation {
  readonly nodes: number;
  readonly reason: string;
}

/**
 * What the coming windows need of this decision: all of a window's nodes if the next decision would order them too
 * late; before that, the nodes that later decisions could not add, since their step is limited. null = nothing yet.
 */
export function preparationFor(needs: readonly WindowNeed[], input: PreparationInput): Preparation | null {
  let most: Preparation | null = null;
  for (const need of needs) {
    const { window, nodes, basis } = need;
    const { maxStepUp = Number.POSITIVE_INFINITY } = input;
    const now = due(need, input) ? nodes : nodes - laterDecisions(need, input) * maxStepUp;
    if (now > (most?.nodes ?? 0))
      most = {
        nodes: now,
        reason: `${window.reason} from ${new Date(window.fromMs).toISOString()} needs ${nodes} (${basis})`,
      };
  }
  return most;
}

/** Decisions after this one that still order in time, with half a bin to spare for what a decision takes. */
function laterDecisions({ orderByMs, frozen }: WindowOrder, { atMs, binMs }: PreparationInput): number {
  const later = Math.max(0, Math.floor((orderByMs - atMs) / binMs - 0.5));
  const place = (ms: number) => Math.min(later + 1, Math.max(1, Math.ceil((ms - atMs) / binMs)));
  return frozen.reduce((left, { fromMs, toMs }) => left - (place(toMs) - place(fromMs)), later);
}

/** The same times, ascending, those that touch made one. */
function apart(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const { fromMs, toMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const before = found.at(-1);
    if (before !== undefined && fromMs <= before.toMs)
      found[found.length - 1] = { fromMs: before.fromMs, toMs: Math.max(before.toMs, toMs) };
    else found.push({ fromMs, toMs });
  }
  return found;
}

const due = (order: WindowOrder, input: PreparationInput): boolean => laterDecisions(order, input) === 0;
