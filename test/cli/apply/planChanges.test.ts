import { planChanges, type RunningCategory } from '../../../cli/apply/planChanges';
import { planText } from '../../../cli/apply/planText';
import { readDeclarations } from '../../../cli/apply/readDeclarations';
import { changedSettings } from '../../../core/category/change';
import { type CategoryInput, categoryInput } from '../../../core/category/settings';

const declared = (...categories: CategoryInput[]) =>
  readDeclarations(JSON.stringify({ categories }), 'c.yaml');
const shop: CategoryInput = { name: 'shop', match: { pathPrefix: '/shop' } };

function running(input: CategoryInput, state = 'active'): RunningCategory {
  return { category: input.name, state, settings: categoryInput.parse(input), trouble: null };
}

test('what is not there is started, what is the same is left, what is surplus is stopped only when asked for', () => {
  const old: CategoryInput = { name: 'old', match: { host: 'old' } };
  const wanted = declared(shop, { name: 'new', match: { host: 'new' } });
  const present = [running(shop), running(old)];
  const actions = (prune: boolean) =>
    planChanges(wanted, present, prune).map(({ category, action }) => `${category} ${action}`);
  expect(actions(false)).toEqual(['new start', 'old left alone', 'shop unchanged']);
  expect(actions(true)).toEqual(['new start', 'old stop', 'shop unchanged']);
});

test('a change is shown field by field and its request leads to the settings of the file; then nothing is left to do', () => {
  const present = running({ ...shop, lead: '5m', nodes: { min: 2 } });
  const wanted = declared({
    ...shop,
    risk: 0.003,
    lead: '90s',
    objective: { latency: '0.3s' },
    maintenance: [{ from: '2026-12-24T18:00:00Z', to: '2026-12-24T21:00:00+01:00' }],
  });
  const [change] = planChanges(wanted, [present], false);
  if (change?.action !== 'update' || present.settings === null) throw new Error('expected an update');
  expect(change.fields.map(({ field, from, to }) => [field, from, to])).toEqual(
    expect.arrayContaining([
      ['risk', 0.01, 0.003],
      ['lead', '5m', '90s'],
      ['objective.latency', '500ms', '300ms'],
      ['nodes.min', 2, 1],
    ]),
  );
  expect(change.fields).toHaveLength(5);
  expect(planText([change], []).join('\n')).toMatch(/~ shop {2}update\n(?:.*\n)* {4}risk +0\.01 → 0\.003\n/);
  const after = changedSettings(change.request, present.settings);
  expect(after).toEqual(wanted[0]?.settings);
  expect(planChanges(wanted, [{ ...present, settings: after }], false)).toEqual([
    { action: 'unchanged', category: 'shop' },
  ]);
});

test('what is taken out of the file goes back to its default, optional settings and whole groups too', () => {
  const present = running({
    ...shop,
    mode: 'forecast-only',
    risk: 0.05,
    lead: '90s',
    requestsPerNodeSecond: 5,
    weight: 3,
    nodes: { min: 2, max: 12, initial: 3, maxStepUp: 4, maxStepDown: 1 },
    objective: { latency: '300ms', share: 0.9 },
    errorBudget: { bins: 30, headroom: 0.5 },
    maintenance: [{ from: '2026-12-24T18:00:00Z', to: '2026-12-24T19:00:00Z' }],
  });
  const wanted = declared({ ...shop, nodes: { maxStepDown: 2 } });
  const [change] = planChanges(wanted, [present], false);
  if (change?.action !== 'update' || present.settings === null) throw new Error('expected an update');
  const text = planText([change], []).join('\n');
  expect(text).toMatch(/ {4}requestsPerNodeSecond +5 → \(default\)\n/);
  expect(text).toMatch(/ {4}nodes\.maxStepUp +4 → \(default\)\n/);
  expect(text).toMatch(/ {4}nodes\.max +12 → 20\n/);
  expect(change.request).toMatchObject({
    requestsPerNodeSecond: null,
    nodes: { maxStepUp: null, maxStepDown: 2 },
  });
  const after = changedSettings(JSON.parse(JSON.stringify(change.request)), present.settings);
  expect(after).toEqual(wanted[0]?.settings);
  expect(planChanges(wanted, [{ ...present, settings: after }], false)).toEqual([
    { action: 'unchanged', category: 'shop' },
  ]);
});

test.each([
  [
    'a setting that can’t change',
    running({ ...shop, bin: '10s' }),
    'CONFLICT',
    /shop: bin: 10s → 1m can’t change/,
  ],
  [
    'a node’s command that is taken out',
    running({ ...shop, node: { command: ['serve'] } }),
    'CONFLICT',
    /shop: node\.command: \["serve"\] → \(default\) can’t change/,
  ],
  ['a category on its way out', running(shop, 'stopping'), 'CONFLICT', /is being stopped/],
  [
    'a category that does not answer',
    { ...running(shop), settings: null, trouble: 'asleep' },
    'UNAVAILABLE',
    /asleep/,
  ],
  [
    'requests of a category that stays',
    running({ ...shop, name: 'other' }),
    'CONFLICT',
    /same requests as "other"/,
  ],
])('%s stops everything', (_, present, code, message) => {
  const wanted = declared({ name: 'fine', match: { host: 'fine' } }, shop);
  expect(() => planChanges(wanted, [present], false)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
});

test('a pinned scale-down hold that is taken out of the file is left to be chosen, and pinned again by a duration', () => {
  const pinned = running({ ...shop, scaleDownHold: '5m' });
  const [free] = planChanges(declared(shop), [pinned], false);
  if (free?.action !== 'update' || pinned.settings === null) throw new Error('expected an update');
  expect(free.fields).toMatchObject([{ field: 'scaleDownHold', from: '5m', to: 'auto' }]);
  const after = changedSettings(free.request, pinned.settings);
  expect(after.scaleDownHoldMs).toBe('auto');
  const [again] = planChanges(declared({ ...shop, scaleDownHold: '90s' }), [running(shop)], false);
  expect(again).toMatchObject({ fields: [{ field: 'scaleDownHold', from: 'auto', to: '90s' }] });
});
