/** Settings on their way through a change: nothing is lost. */

import { changedSettings } from '../../core/category/change';
import { asWritten, categoryInput } from '../../core/category/settings';

const settings = categoryInput.parse({
  name: 'checkout',
  match: { pathPrefix: '/checkout' },
  lead: '3m',
  nodes: { max: 7 },
  unhealthyGrace: '45s',
  maintenance: [{ from: '2026-12-24T18:00:00Z', to: '2026-12-24T19:00:00Z' }],
});

test('settings survive as they are written and read again', () => {
  expect(categoryInput.parse(asWritten(settings))).toEqual(settings);
  expect(changedSettings({ headroom: 0.1 }, settings)).toEqual({ ...settings, headroom: 0.1 });
});

test('null takes a setting or a group back to its default; the rest stays', () => {
  const changed = changedSettings(
    { lead: '90s', requestsPerNodeSecond: 5, nodes: { maxStepUp: 2, min: 3, initial: 4 } },
    settings,
  );
  expect(changed).toMatchObject({ requestsPerNodeSecond: 5, nodes: { maxStepUp: 2, min: 3, max: 7 } });
  const back = changedSettings(
    {
      lead: null,
      requestsPerNodeSecond: null,
      nodes: { maxStepUp: null },
      unhealthyGrace: null,
      maintenance: null,
    },
    changed,
  );
  expect(back).toEqual({
    ...settings,
    leadMs: 300_000,
    nodes: { provider: 'local', min: 3, max: 7, initial: 4 },
    unhealthyGraceMs: undefined,
    maintenance: [],
  });
  expect(changedSettings({ nodes: null }, back).nodes).toEqual({
    provider: 'local',
    min: 1,
    max: 20,
    initial: 2,
  });
});

test.each([
  [{}, /at least one setting/],
  [{ nodes: { max: 1 } }, /nodes\.initial: expected between/],
  [{ nodes: { most: 9 } }, /most/],
  [{ match: null }, /match/],
  [{ lead: 300 }, /lead/],
])('%j is refused', (change, why) => {
  expect(() => changedSettings(change, settings)).toThrow(why);
});
