/** The list of model families, and the way from a stored name to a family. */
import { PamError } from '../errors';
import { boostedFamily } from './boosted';
import { lastValueFamily } from './lastValue';
import { lstmFamily } from './lstm';
import type { ModelFamily } from './model';
import { onlineLinearFamily } from './onlineLinear';
import { prophetFamily } from './prophet';
import { seasonalNaiveFamily } from './seasonalNaive';

/** Every family, the cheapest first. Prophet and the LSTM load and forecast here; fitting them is the trainer's, which has their libraries. */
export const modelFamilies: readonly ModelFamily[] = [
  lastValueFamily,
  seasonalNaiveFamily,
  onlineLinearFamily,
  boostedFamily,
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
