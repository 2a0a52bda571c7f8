/** What lately happened to the nodes of a category → what to say of it with a decision and a look, newest last. */
import { crashLoop, type EndedNode } from './crashLoop';

export interface Repair {
  readonly atMs: number;
  readonly what: string;
}

/** How long a repair is told of, ms. */
export const repairToldMs = 300_000;
const mostTold = 3;

export function troubleInWords(
  { ends, repairs }: { readonly ends: readonly EndedNode[]; readonly repairs: readonly Repair[] },
  nowMs: number,
): string[] {
  const loop = crashLoop(ends, nowMs);
  const told = repairs.filter(({ atMs }) => nowMs - atMs < repairToldMs).map(({ what }) => what);
  const latest = [...new Set(told)].slice(-mostTold);
  return [
    ...(loop === null ? [] : [loop.finding]),
    ...(latest.length === 0 ? [] : [`repaired: ${latest.join('; ')}`]),
  ];
}
