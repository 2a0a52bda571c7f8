/**
 * From the nodes that are there and the number wanted, which stay, which go and how many are new. Pure.
 *
 * Gone at once: dead ones. When there are too many, those go first that serve least: not routable before routable,
 * the newest of the former, the closest to expiry of the latter. A node past its expiry or made from another template
 * is outdated: a few successors are made at a time, and it stays until enough of them are routable. One that is given up
 * and does not serve is not counted: its successor is made at once, and it stays until enough others are routable.
 */

export interface PresentNode {
  readonly id: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly state: 'booting' | 'routable' | 'unhealthy' | 'dead';
  /** Made from the template that is wanted now. */
  readonly current: boolean;
  /** To be replaced, unless it serves again. */
  readonly givenUp: boolean;
}

export interface NodeChoice {
  /** Ids, in the order given. */
  readonly keep: readonly string[];
  readonly drop: readonly string[];
  /** How many to make. */
  readonly add: number;
}

/** Successors that may be booting at a time, as a share of the wanted nodes: bounds what a replacement costs. */
const surgeShare = 0.25;

/** Best to keep first. */
function byWorth(a: PresentNode, b: PresentNode): number {
  const serves = (node: PresentNode): number => (node.state === 'routable' ? 0 : 1);
  if (serves(a) !== serves(b)) return serves(a) - serves(b);
  const order = serves(a) === 0 ? b.expiresMs - a.expiresMs : a.createdMs - b.createdMs;
  return order !== 0 ? order : a.id < b.id ? -1 : 1;
}

export function chooseNodes(present: readonly PresentNode[], wanted: number, nowMs: number): NodeChoice {
  const existing = present.filter((node) => node.state !== 'dead').sort(byWorth);
  const givenUp = existing.filter((node) => node.givenUp && node.state !== 'routable');
  const alive = existing.filter((node) => !givenUp.includes(node));
  const outdated = alive.filter((node) => !node.current || node.expiresMs <= nowMs);
  const fresh = alive.filter((node) => !outdated.includes(node));
  const freshKept = fresh.slice(0, wanted);
  const freshRoutable = freshKept.filter((node) => node.state === 'routable').length;
  const outdatedKept = outdated.slice(0, Math.max(0, wanted - freshRoutable));

  const missing = wanted - freshKept.length;
  const uncovered = Math.max(0, missing - outdatedKept.length);
  const surge = Math.max(1, Math.ceil(wanted * surgeShare)) - (freshKept.length - freshRoutable);
  const successors = Math.max(0, Math.min(missing - uncovered, surge));

  const serving = [...freshKept, ...outdatedKept].filter((node) => node.state === 'routable').length;
  const givenUpKept = givenUp.slice(0, Math.max(0, wanted - serving));
  const kept = new Set([...freshKept, ...outdatedKept, ...givenUpKept].map((node) => node.id));
  const ids = present.map((node) => node.id);
  return {
    keep: ids.filter((id) => kept.has(id)),
    drop: ids.filter((id) => !kept.has(id)),
    add: uncovered + successors,
  };
}
