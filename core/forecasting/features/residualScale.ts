/** The roughness of the last bins against the usual one → a factor on the size of errors, within bounds. */
import type { DemandView } from './demandView';

const span = 90;

export function usualRoughness(view: DemandView): number {
  const roughness = view.roughness(Math.max(0, view.length - 5_000), view.length);
  return Number.isNaN(roughness) ? 0.1 : Math.max(0.003, roughness);
}

/** Recent roughness ÷ `usual`, within 1/3 … 3; 1 where nothing was measured lately. */
export function roughnessRatio(view: DemandView, usual: number): number {
  const ratio = view.roughness(view.length - span, view.length) / usual;
  return Number.isNaN(ratio) ? 1 : Math.min(3, Math.max(1 / 3, ratio));
}
