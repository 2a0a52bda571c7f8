/** The list of model families, and the way from a stored name to a family. */
import { PamError } from '../../errors';
import type { ModelFamily } from '../model';
import { boostedFamily } from './boosted/boosted';
import { etsFamily } from './curves/ets';
import { mstlFamily } from './curves/mstl';
import { prophetFamily } from './curves/prophet';
import { dayAheadFamily } from './dayAhead/dayAhead';
import { onlineLinearFamily } from './linear/onlineLinear';
import { lstmFamily } from './lstm/lstm';
import { lastValueFamily } from './naive/lastValue';
import { seasonalNaiveFamily } from './naive/seasonalNaive';

/** These load and forecast here; only the trainer, which has their libraries, fits them. */
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
