/**
 * The configuration → the policy of the workers that run from it on this machine; null where they run elsewhere, since only
 * their own machine knows what they allow.
 */
import { isRunning } from '../../adapters/nodes/local/processIdentity';
import { policyOf } from '../../config/policy';
import type { Config } from '../../config/schema';
import type { Policy } from '../../core/policy/schema';
import { readInstallation } from '../../installation/installation';

export function workersPolicy(config: Config): Policy | null {
  const processes = readInstallation(config.stateDir)?.processes ?? [];
  return processes.some((one) => one.name.endsWith('worker') && isRunning(one)) ? policyOf(config) : null;
}
