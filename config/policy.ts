/** The configuration → the policy in effect on this machine. */
import { join, resolve } from 'node:path';
import { type Policy, policyInEffect } from '../core/policy/schema';
import type { Config } from './schema';

export function policyOf({ policy, stateDir }: Pick<Config, 'policy' | 'stateDir'>): Policy {
  return policyInEffect(policy, join(resolve(stateDir), 'feeds'));
}
