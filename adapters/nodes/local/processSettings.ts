/**
 * The order of a node and the policy of this worker → what its process runs and has in its environment, secrets included.
 * The policy is asked again here, since a category may have been accepted under another one.
 */
import { PamError } from '../../../core/errors';
import type { Policy } from '../../../core/policy/schema';
import type { NodeOrder } from '../../../ports/nodeOrder';
import { localRefusals } from './localRefusals';
import { resolveSecrets } from './resolveSecrets';
import { settingsOf } from './settings';

export interface ProcessSettings {
  /** null = the built-in node. */
  readonly command: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  /** Values that no message may have. */
  readonly secrets: readonly string[];
}

/**
 * @param policy absent: whoever calls answers for what is ordered.
 * @throws PamError DENIED with what the policy refuses; NOT_FOUND or INVALID_DATA for a secret that can't be had.
 */
export async function processSettings(order: NodeOrder, policy?: Policy): Promise<ProcessSettings> {
  const asked = settingsOf(order);
  const refused = policy === undefined ? [] : localRefusals(asked, policy);
  if (refused.length > 0) throw new PamError('DENIED', refused.join('; '));
  const template = asked.template === undefined ? undefined : policy?.templates[asked.template];
  if (asked.template !== undefined && template === undefined)
    throw new PamError('INVALID_INPUT', `local.template: there is no "${asked.template}"`);
  const own = await resolveSecrets(asked.envFrom, policy?.secrets.folders ?? null);
  // Who wrote the template may read any file of this machine anyway.
  const given = await resolveSecrets(template?.envFrom ?? {}, null);
  return {
    command: template?.command ?? asked.command ?? null,
    env: { ...asked.env, ...own, ...template?.env, ...given },
    secrets: [...Object.values(own), ...Object.values(given)].filter((value) => value !== ''),
  };
}
