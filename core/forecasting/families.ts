/** The list of model families, and the way from a stored name to a family. */
import { PamError } from '../errors';
import { boostedFamily } from './boosted';
import { combinationFamily } from './combination';
import { dayAheadFamily } from './dayAhead';
import { etsFamily } from './ets';
import { lastValueFamily } from './lastValue';
import { lstmFamily } from './lstm';
import type { ModelFamily } from './model';
import { mstlFamily } from './mstl';
import { onlineLinearFamily } from './onlineLinear';
import { prophetFamily } from './prophet';
import { seasonalNaiveFamily } from './seasonalNaive';

/** Load and forecast here; fitting them is the trainer's, which has their libraries. */
const byLibrary: readonly ModelFamily[] = [
  etsFamily(null),
  mstlFamily(null),
  prophetFamily(null),
  lstmFamily(null),
];

/** Every family, the cheapest first. */
export const modelFamilies: readonly ModelFamily[] = [
  lastValueFamily,
  seasonalNaiveFamily,
  dayAheadFamily,
  onlineLinearFamily,
  boostedFamily,
  combinationFamily([lastValueFamily, seasonalNaiveFamily, onlineLinearFamily, boostedFamily]),
  ...byLibrary,
];

/** Whether only the trainer's threads can fit the family. */
export const isFittedByLibrary = (name: string): boolean => byLibrary.some((family) => family.name === name);

/** Throws PamError INVALID_INPUT for a name that no family has. */
export function familyNamed(name: string): ModelFamily {
  const found = modelFamilies.find((family) => family.name === name);
  if (found === undefined)
    throw new PamError(
      'INVALID_INPUT',
      `no model family is named "${name}"; there are ${modelFamilies.map((family) => family.name).join(', ')}`,
    );
  return found;
}
