/** What a category remembers of earlier decisions, and what of it the hold in force looks at. */

import { changedSettings } from '../../core/category/change';
import { type CategorySettings, categoryInput, upToDateSettings } from '../../core/category/settings';
import { type AllocationState, firstState, heldRequired, remember } from '../../workflows/allocation/state';
import type { DecisionSummary, PredictSummary } from '../../workflows/contracts';

const minute = 60_000;
const start = Date.UTC(2026, 4, 4);
const settings = (more: object = {}) =>
  categoryInput.parse({ name: 'orders', match: { pathPrefix: '/' }, ...more });

/** After 30 decisions, one a minute, of 1, 2, … nodes. */
function decided(of: CategorySettings): AllocationState {
  const state = firstState(of);
  for (let index = 1; index <= 30; index++)
    remember(state, {
      atMs: start + index * minute,
      required: index,
      planned: index,
      reason: '',
    } as DecisionSummary);
  return state;
}

const held = (state: AllocationState, ms?: number) => {
  state.forecast = ms === undefined ? null : ({ hold: { ms } } as PredictSummary);
  return heldRequired(state, start + 31 * minute);
};

test('enough is remembered for the longest hold that may be chosen, and the one in force looks at its part', () => {
  const state = decided(settings());
  expect(held(state)).toEqual([30]);
  expect(held(state, 0)).toEqual([]);
  expect(held(state, 5 * minute)).toEqual([27, 28, 29, 30]);
  expect(held(state, 10 * minute)).toEqual([22, 23, 24, 25, 26, 27, 28, 29, 30]);
  expect(state.required.length).toBeLessThanOrEqual(10);
});

test('a pinned hold counts whatever was told before it was pinned', () => {
  const state = decided(settings({ scaleDownHold: '3m' }));
  expect(held(state, 10 * minute)).toEqual([29, 30]);
});

test('settings of before it was chosen keep their hold; it is pinned and left to be chosen while the category runs', () => {
  const old = { ...settings(), scaleDownHoldMs: 120_000 };
  expect(upToDateSettings(old).scaleDownHoldMs).toBe(120_000);
  expect(upToDateSettings(settings()).scaleDownHoldMs).toBe('auto');
  expect(changedSettings({ scaleDownHold: null }, old).scaleDownHoldMs).toBe('auto');
  expect(changedSettings({ scaleDownHold: 'auto' }, old).scaleDownHoldMs).toBe('auto');
  expect(changedSettings({ scaleDownHold: '5m' }, settings()).scaleDownHoldMs).toBe(300_000);
  expect(() => changedSettings({ scaleDownHold: 'often' }, old)).toThrow('expected "auto" or a duration');
});
