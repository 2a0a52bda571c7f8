/**
 * The state that the run before carried over → the state of today. The one place for what a release adds to it: the run
 * before may have been made by an older release. Nothing has been released yet, so nothing differs.
 */
import type { AllocationState } from './state';

export function upgrade(carried: AllocationState): AllocationState {
  return carried;
}
