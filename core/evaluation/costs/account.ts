/** A plan and the demand it met → nodes that took traffic, nodes that were paid for, and requests above capacity. */

export interface AccountInput {
  /** Requests per bin, one entry a decision; NaN where the bin is missing. */
  readonly counts: ArrayLike<number>;
  /** Nodes planned at the start of each bin. */
  readonly planned: ArrayLike<number>;
  /** Bins from ordering a node to it taking traffic. */
  readonly leadBins: number;
  /** Requests that one node serves in one bin. */
  readonly requestsPerNodeBin: number;
}

/** One entry a bin. */
export interface Account {
  readonly routable: Int32Array;
  /** Nodes paid for, from their order on. */
  readonly billed: Int32Array;
  /** Requests above the routable capacity; NaN in a missing bin. */
  readonly overflow: Float64Array;
}

/**
 * Nodes are a stack, a new order on top. An order of bin t takes traffic from t + leadBins on; nodes are given up from
 * the top, so orders that don't take traffic yet go first, the newest first, and at once. The nodes of the first
 * decision are there already.
 */
export function account({ counts, planned, leadBins, requestsPerNodeBin }: AccountInput): Account {
  const bins = planned.length;
  const routable = new Int32Array(bins);
  const billed = new Int32Array(bins);
  const overflow = new Float64Array(bins);
  const orders: { nodes: number; routableFrom: number }[] = [];
  let taking = planned[0] ?? 0;
  let ordered = 0;
  for (let index = 0; index < bins; index++) {
    while (orders.length > 0 && orders[0]!.routableFrom <= index) {
      const arrived = orders.shift()!;
      taking += arrived.nodes;
      ordered -= arrived.nodes;
    }
    const change = planned[index]! - taking - ordered;
    if (change > 0 && leadBins === 0) taking += change;
    else if (change > 0) {
      ordered += change;
      orders.push({ nodes: change, routableFrom: index + leadBins });
    }
    let surplus = -change;
    while (surplus > 0 && orders.length > 0) {
      const newest = orders.at(-1)!;
      const given = Math.min(surplus, newest.nodes);
      newest.nodes -= given;
      ordered -= given;
      surplus -= given;
      if (newest.nodes === 0) orders.pop();
    }
    if (surplus > 0) taking -= surplus;
    routable[index] = taking;
    billed[index] = taking + ordered;
    const count = counts[index]!;
    overflow[index] = Number.isNaN(count) ? Number.NaN : Math.max(0, count - taking * requestsPerNodeBin);
  }
  return { routable, billed, overflow };
}
