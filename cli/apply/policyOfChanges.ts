/** Planned changes and the policy of the workers → every start that they would refuse, and what they would cap. */
import { refusedNodeSettings } from '../../adapters/nodes';
import { PamError } from '../../core/errors';
import { nameRefusals, refusal } from '../../core/policy/refusals';
import type { Policy } from '../../core/policy/schema';
import type { Change } from './planChanges';
import type { Declaration } from './readDeclarations';

/**
 * @returns what is done all the same, with less than was asked for.
 * @throws PamError DENIED with one line per refusal; then nothing is changed.
 */
export function checkPolicy(
  changes: readonly Change[],
  declarations: readonly Declaration[],
  policy: Policy,
): string[] {
  const changing = new Set(
    changes.filter(({ action }) => action === 'start' || action === 'update').map(({ category }) => category),
  );
  const asked = declarations.filter(({ name }) => changing.has(name));
  const refused = asked.flatMap(({ name, where, settings }) =>
    [...nameRefusals(name, policy), ...refusedNodeSettings(settings, policy)].map(
      (why) => `${where}: ${name}: ${why}`,
    ),
  );
  if (refused.length > 0) throw new PamError('DENIED', `nothing was changed:\n${refused.join('\n')}`);
  const { perCategory } = policy.nodes;
  return asked
    .filter(({ settings }) => settings.nodes.max > perCategory)
    .map(
      ({ name, settings }) =>
        `${name}: nodes.max: ${settings.nodes.max} is more than will be planned: ${refusal(`at most ${perCategory}`, 'nodes.perCategory')}`,
    );
}
