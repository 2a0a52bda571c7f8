/** At which knobs PAM and its rivals are replayed. */
import { factors, shares, targets } from '../../simulation/policies/knobs';
import { lastValue } from '../../simulation/policies/lastValue';
import { movingPeak, movingPeakWindows } from '../../simulation/policies/movingPeak';
import { reactive } from '../../simulation/policies/reactive';
import { scheduled } from '../../simulation/policies/scheduled';
import { seasonalNaive } from '../../simulation/policies/seasonalNaive';
import { staticPeak } from '../../simulation/policies/staticPeak';
import type { Policy } from '../../simulation/replay';

/** Accepted risks of PAM, one configuration otherwise. */
export const risks: readonly number[] = [
  0.35, 0.25, 0.18, 0.12, 0.08, 0.05, 0.03, 0.02, 0.01, 0.006, 0.003, 0.001, 0.0003,
];
/** Only for traces on which the frontiers of the usual knobs share no compared overflow rate. */
export const widerRisks: readonly number[] = [0.65, 0.5, 0.0001];

/** Pinned scale-down holds that are compared, ms, beside the chosen one. */
export const holdsMs: readonly number[] = [0, 120_000, 300_000, 600_000];

/** Risks at which realized and accepted are compared. */
export const calibratedRisks: readonly number[] = [0.03, 0.01, 0.003];

/** As with `widerRisks`: utilizations that nobody runs, so that the frontiers meet. */
const widerTargets: readonly number[] = [0.01, 0.015, 0.025, 0.04, 0.06, 0.08, 1.1, 1.3, 1.6, 2, 3];

/** A policy of the sweep; `usual`: at a knob of the scorecard. */
export interface Swept {
  readonly policy: Policy;
  readonly usual: boolean;
}

export function sweptRivals(): Swept[] {
  const usual = [
    ...targets.map(reactive),
    ...targets.map(scheduled),
    ...factors.map(lastValue),
    ...factors.map(seasonalNaive),
    ...movingPeakWindows.flatMap((window) => factors.map((factor) => movingPeak(window, factor))),
    ...shares.map(staticPeak),
  ];
  const wider = widerTargets.map(reactive);
  return [
    ...usual.map((policy) => ({ policy, usual: true })),
    ...wider.map((policy) => ({ policy, usual: false })),
  ];
}
