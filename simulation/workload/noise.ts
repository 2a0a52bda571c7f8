/** A stream of uniform numbers → the noise that generated demand carries. */

/** One standard normal number: Box and Muller, Ann. Math. Statist. 29 (1958). */
export function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A first-order autoregressive deviation around 0: `memory` of the last value plus normal steps of size `step`. */
export function arDeviation(memory: number, step: number, random: () => number): () => number {
  let value = 0;
  return () => {
    value = memory * value + step * standardNormal(random);
    return value;
  };
}
