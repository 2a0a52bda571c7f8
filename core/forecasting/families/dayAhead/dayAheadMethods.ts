/** The methods of the automatic choice: different in kind and cheap, see docs/forecasting.md for what each adds. */
import { autoregression } from './autoregression';
import { directRegression } from './directRegression';
import { dampedProfile, type PathMethod, repetition, smoothedProfile } from './seasonalPaths';

export const dayAheadMethods: readonly PathMethod[] = [
  repetition(1),
  repetition(7),
  dampedProfile,
  smoothedProfile,
  autoregression,
  directRegression(false),
  directRegression(true),
];
