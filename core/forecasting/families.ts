/** The list of model families, and the way from a stored name to a family. */
import { PamError } from '../errors';
import { boostedFamily } from './boosted';
import { dayAheadFamily } from './dayAhead';
import { etsFamily } from './ets';
import { lastValueFamily } from './lastValue';
import { lstmFamily } from './lstm';
import type { ModelFamily } from './model';
import { mstlFamily } from './mstl';
import { onlineLinearFamily } from './onlineLinear';
import { prophetFamily } from './prophet';
import { seasonalNaiveFamily } from './seasonalNaive';

/** Every family, the cheapest first. ETS, MSTL, Prophet and the LSTM load and forecast here; fitting them is the trainer's, which has their libraries. */
export const modelFamilies: readonly ModelFamily[] = [
  lastValueFamily,
  seasonalNaiveFamily,
  dayAheadFamily,
  onlineLinearFamily,
  boostedFamily,
  etsFamily(null),
  mstlFamily(null),
  prophetFamily(null),
  lstmFamily(null),
];

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
