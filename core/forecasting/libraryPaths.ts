/** MSTL and ETS as methods of the seasonal combination: their path at the fit, kept by its place in the week. */
import { smoothedPath } from './ets';
import type { Json } from './model';
import { mstlPath } from './mstl';
import type { ForecastPath } from './pathCurve';
import { type PathMethod, type PathModel, type SlotSeries, seasonSlots } from './seasonalPaths';

/** `forecast` null: loads and continues, but can't fit. */
export function libraryPath(
  name: 'mstl' | 'ets',
  forecast: ForecastPath | null,
): PathMethod & { readonly canFit: boolean } {
  return {
    name,
    fewestDays: 3,
    canFit: forecast !== null,
    async fit(series, ahead) {
      const season = seasonSlots(series);
      const length = Math.max(ahead, season);
      const make = name === 'mstl' ? mstlPath : smoothedPath;
      const path = await make(series.values, series.slotsPerDay, season, length, forecast!);
      return new KeptPath(Float64Array.from(path), season, series.firstSlot + series.values.length);
    },
    load(state) {
      const { kept, season, begins } = state as { kept: number[]; season: number; begins: number };
      return new KeptPath(Float64Array.from(kept), season, begins);
    },
  };
}

class KeptPath implements PathModel {
  /** `begins`: slot of the week, or later, that the path begins at. */
  constructor(
    private readonly kept: Float64Array,
    private readonly season: number,
    private readonly begins: number,
  ) {}

  path({ values, firstSlot }: SlotSeries, ahead: number): Float64Array {
    const { kept, season } = this;
    const next = firstSlot + values.length - this.begins;
    const gone = ((next % season) + season) % season;
    return Float64Array.from({ length: ahead }, (_, step) => {
      const at = gone + step;
      return kept[at < kept.length ? at : kept.length - season + ((at - kept.length) % season)]!;
    });
  }

  serialize(): Json {
    return { kept: [...this.kept], season: this.season, begins: this.begins };
  }
}
