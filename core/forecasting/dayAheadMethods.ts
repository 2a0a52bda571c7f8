/** The methods of the automatic choice; each was kept since the combination is worse without it, see docs/forecasting.md. */
import { autoregression } from './autoregression';
import { directRegression } from './directRegression';
import { libraryPath } from './libraryPaths';
import type { ForecastPath } from './pathCurve';
import { dampedProfile, type PathMethod, repetition } from './seasonalPaths';

/** Libraries that fit what can't be fitted in core; null where they are out of reach. */
export interface PathLibraries {
  readonly mstl: ForecastPath;
  readonly ets: ForecastPath;
}

export function dayAheadMethods(libraries: PathLibraries | null): readonly PathMethod[] {
  return [
    repetition(1),
    repetition(7),
    dampedProfile,
    autoregression,
    directRegression(false),
    directRegression(true),
    libraryPath('ets', libraries?.ets ?? null),
    libraryPath('mstl', libraries?.mstl ?? null),
  ];
}
