/** Names of policies → each policy at every knob of its sweep. */
import { PamError } from '../../core/errors';
import type { Policy } from '../replay';
import { foresight } from './foresight';
import { factors, shares, targets } from './knobs';
import { lastValue } from './lastValue';
import { movingPeak, movingPeakWindows } from './movingPeak';
import { type PamOptions, pamPolicies } from './pam';
import { reactive } from './reactive';
import { scheduled } from './scheduled';
import { seasonalNaive } from './seasonalNaive';
import { staticPeak } from './staticPeak';

const makers: Readonly<Record<string, (options: PamOptions) => Policy[]>> = {
  pam: pamPolicies,
  reactive: () => targets.map(reactive),
  scheduled: () => targets.map(scheduled),
  'last-value': () => factors.map(lastValue),
  'seasonal-naive': () => factors.map(seasonalNaive),
  'moving-peak': () =>
    movingPeakWindows.flatMap((window) => factors.map((factor) => movingPeak(window, factor))),
  foresight: () => [foresight()],
  'static-peak': () => shares.map(staticPeak),
};

/** Every policy, PAM first. */
export const policyNames: readonly string[] = Object.keys(makers);

/** The named policies at all of their knobs; all of them for an empty list. Throws PamError INVALID_INPUT. */
export function policiesNamed(names: readonly string[], options: PamOptions): Policy[] {
  const unknown = names.find((name) => !Object.hasOwn(makers, name));
  if (unknown !== undefined)
    throw new PamError(
      'INVALID_INPUT',
      `no policy is named "${unknown}"; expected some of ${policyNames.join(', ')}`,
    );
  const wanted = names.length === 0 ? policyNames : policyNames.filter((name) => names.includes(name));
  return wanted.flatMap((name) => makers[name]!(options));
}
