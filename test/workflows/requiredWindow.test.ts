/** What a category remembers of earlier decisions, and what of it a hold looks at. */
import { changedSettings } from '../../core/category/change';
import { type CategorySettings, categoryInput } from '../../core/category/settings';
import { requiredWithin } from '../../core/serving/requiredWindow';
import { type AllocationState, firstState, remember } from '../../workflows/allocation/state';
import { upgrade } from '../../workflows/allocation/upgrade';
import type { CalculateSummary } from '../../workflows/contracts';

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
    } as CalculateSummary);
  return state;
}

const within = ({ required }: AllocationState, holdMs: number) =>
  requiredWithin(required, start + 31 * minute, holdMs);

test('enough is remembered for the longest hold that may be chosen, and the one in force looks at its part', () => {
  const state = decided(settings());
  expect(within(state, 2 * minute)).toEqual([30]);
  expect(within(state, 0)).toEqual([]);
  expect(within(state, 5 * minute)).toEqual([27, 28, 29, 30]);
  expect(within(state, 10 * minute)).toEqual([22, 23, 24, 25, 26, 27, 28, 29, 30]);
  expect(state.required.length).toBeLessThanOrEqual(10);
});

test('of a pinned hold no more is remembered than it looks at', () => {
  const state = decided(settings({ scaleDownHold: '3m' }));
  expect(within(state, 10 * minute)).toEqual([28, 29, 30]);
  expect(within(state, 3 * minute)).toEqual([29, 30]);
});

test('a hold is pinned and left to be chosen while the category runs', () => {
  const old = { ...settings(), scaleDownHoldMs: 120_000 };
  expect(changedSettings({ scaleDownHold: null }, old).scaleDownHoldMs).toBe('auto');
  expect(changedSettings({ scaleDownHold: 'auto' }, old).scaleDownHoldMs).toBe('auto');
  expect(changedSettings({ scaleDownHold: '5m' }, settings()).scaleDownHoldMs).toBe(300_000);
  expect(() => changedSettings({ scaleDownHold: 'often' }, old)).toThrow('expected "auto" or a duration');
});

test('what a run carries over to the next is upgraded without a loss', () => {
  const state = decided(settings());
  expect(upgrade(JSON.parse(JSON.stringify(state)))).toEqual(state);
});
