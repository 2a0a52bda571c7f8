/** What to try for a category: first every family as it is, then windows and parameters of the better ones. */

import { trainingDays } from '../../forecasting/trainingWindow';
import type { Configuration } from './selection';

/** The families with their own parameters, and history as long as is kept. */
export function familyConfigurations(families: readonly string[]): Configuration[] {
  return families.map((family) => ({ family, days: trainingDays, parameters: {} }));
}

/** Of how many families the wider search tries variants. */
const widenedFamilies = 2;
/** After a change of the workload a shorter window forgets the old one; the last entry leaves little but today. */
const shorterWindows = [14, 7, 3];
const variants: Readonly<Record<string, readonly Readonly<Record<string, number>>[]>> = {
  boosted: [
    { trees: 60, depth: 4 },
    { trees: 200, learningRate: 0.05 },
  ],
  'online-linear': [{ memoryDays: 4 }, { memoryDays: 40 }],
};
/** No windows for these: they look at the recent bins alone. */
const withoutWindow = ['last-value'];

/**
 * Variants of the best families of `ranked` (best first), without those that were tried. Windows longer than
 * `historyDays` are left out: they are the whole history again.
 */
export function widerConfigurations(ranked: readonly Configuration[], historyDays: number): Configuration[] {
  const families = [...new Set(ranked.map(({ family }) => family))]
    .filter((family) => !withoutWindow.includes(family))
    .slice(0, widenedFamilies);
  return families.flatMap((family) => [
    ...shorterWindows
      .filter((days) => days < historyDays)
      .map((days): Configuration => ({ family, days, parameters: {} })),
    ...(variants[family] ?? []).map(
      (parameters): Configuration => ({ family, days: trainingDays, parameters }),
    ),
  ]);
}
