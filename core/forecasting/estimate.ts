/** A forecast of log demand in the units of its own errors, and the map from outcomes to standardized scores and back. */

/** A forecast of log(count + c). */
export interface Estimate {
  /** The median. */
  readonly center: number;
  /** The unit of errors up to center + spread, > 0. */
  readonly spread: number;
  /** The unit of errors above that, > 0: the unit of unexpected jumps. */
  readonly tail: number;
}

const smallestUnit = 0.003;
/** No centre further from the present level than this, in logs (e⁷ ≈ 1,100). */
const widestReach = 7;

/** The estimate within bounds: finite, units above zero, near the present level. */
export function bounded({ center, spread, tail }: Estimate, level: number): Estimate {
  const finite = Number.isFinite(center) ? center : level;
  const unit = Number.isFinite(spread) ? Math.max(spread, smallestUnit) : 1;
  return {
    center: Math.min(Math.max(finite, level - widestReach), level + widestReach),
    spread: unit,
    tail: Number.isFinite(tail) ? Math.max(tail, smallestUnit) : unit,
  };
}

/** s = (log − center) ÷ spread up to 1, above it 1 + (log − center − spread) ÷ tail. */
export function scoreOf({ center, spread, tail }: Estimate, log: number): number {
  const score = (log - center) / spread;
  return score <= 1 ? score : 1 + (log - center - spread) / tail;
}

/** The inverse of `scoreOf`: the log demand at a score. */
export function logAt({ center, spread, tail }: Estimate, score: number): number {
  return score <= 1 ? center + spread * score : center + spread + tail * (score - 1);
}
