/** What a person writes about a category becomes settings, or a message that names the field. */
import fc from 'fast-check';
import { changedSettings } from '../../../core/category/change';
import { demandSourceOf, describeRequests } from '../../../core/category/demand';
import { writtenSettings } from '../../../core/category/schema';
import { asWritten, type CategoryInput, categoryInput } from '../../../core/category/settings';
import { settingsTable } from '../../../core/category/settingsTable';
import { describeIssues } from '../../../core/describeIssues';
import { duration } from '../../../core/time/duration';

const minimal = { name: 'checkout', match: { pathPrefix: '/checkout' } };

test('a name and a match rule are enough', () => {
  const settings = categoryInput.parse(minimal);
  expect(settings).toMatchObject({
    binMs: 60_000,
    dayMs: 86_400_000,
    leadMs: 300_000,
    horizonsMs: [300_000, 900_000],
    risk: 0.01,
    nodes: { min: 1, max: 20, initial: 2 },
    mode: 'active',
  });
});

test.each([
  [{ ...minimal, match: { pathPrefix: '/a', host: 'b' } }, /match: expected exactly one of/],
  [{ ...minimal, match: { pathPrefix: 'checkout' } }, /match/],
  [
    { name: 'checkout' },
    /^match: expected which requests belong to it or, .* "demand" .*\{"imports":\{\}\}$/,
  ],
  [{ name: 'checkout', demand: {} }, /^match: expected which requests/],
  [
    { name: 'checkout', demand: { envoy: {} } },
    /^match: expected which requests belong to it, since "envoy" counts what is routed by it/,
  ],
  [
    { ...minimal, demand: { kafka: {} } },
    /^demand: no such source of demand: kafka; expected one of envoy, imports$/,
  ],
  [{ ...minimal, demand: 'envoy' }, /^demand: expected one of envoy, imports, such as \{"envoy":\{\}\}$/],
  [{ ...minimal, demand: { envoy: {}, imports: {} } }, /^demand: one source a category/],
  [{ ...minimal, demand: { envoy: { url: 'http://x' } } }, /^demand\.envoy: .*url/],
  [{ ...minimal, risk: 0 }, /risk/],
  [{ ...minimal, lead: '30s' }, /lead: expected at least one bin/],
  [{ ...minimal, bin: '7m' }, /day: expected a whole number of bins/],
  [
    { ...minimal, nodes: { initial: 30 } },
    /nodes\.initial: expected between nodes\.min \(1\) and nodes\.max \(20\)/,
  ],
  [{ ...minimal, node: { command: [] } }, /node\.command/],
  [{ ...minimal, horizons: ['5m', 'soon'] }, /horizons\.1: expected a duration with its unit/],
])('%j is refused', (input, message) => {
  const parsed = categoryInput.safeParse(input);
  expect(parsed.success).toBe(false);
  if (!parsed.success) expect(describeIssues(parsed.error)).toMatch(message);
});

test('the demand of a category with a match comes from Envoy unless another source is named', () => {
  const sourceOf = (input: CategoryInput) => {
    const settings = categoryInput.parse(input);
    return [demandSourceOf(settings), describeRequests(settings)];
  };
  expect(sourceOf(minimal)).toEqual(['envoy', 'path /checkout*']);
  expect(sourceOf({ ...minimal, demand: {} })).toEqual(['envoy', 'path /checkout*']);
  expect(sourceOf({ ...minimal, demand: { envoy: {} } })).toEqual(['envoy', 'path /checkout*']);
  expect(sourceOf({ ...minimal, demand: { imports: {} } })).toEqual([
    'imports',
    'path /checkout*, demand from imports',
  ]);
  expect(sourceOf({ name: 'checkout', demand: { imports: {} } })).toEqual([
    'imports',
    'not routed, demand from imports',
  ]);
});

test('the source of demand may change while the category runs, to another and back to the default', () => {
  const settings = categoryInput.parse(minimal);
  const imported = changedSettings({ demand: { imports: {} } }, settings);
  expect(demandSourceOf(imported)).toBe('imports');
  expect(demandSourceOf(changedSettings({ demand: null }, imported))).toBe('envoy');
  expect(demandSourceOf(changedSettings({ demand: { imports: null, envoy: {} } }, imported))).toBe('envoy');
  expect(() => changedSettings({ demand: { envoy: {} } }, imported)).toThrow(/one source a category/);
});

test('durations are read in ms whatever the unit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.constantFrom(['ms', 1], ['s', 1_000], ['m', 60_000], ['h', 3_600_000], ['d', 86_400_000] as const),
      (amount, [unit, ms]) => {
        expect(duration.parse(`${amount}${unit}`)).toBe(amount * Number(ms));
      },
    ),
  );
});

test('a duration of nothing, or without a unit, is refused', () => {
  for (const text of ['0s', '', '5', '-3m', '1 fortnight', 'm'])
    expect(duration.safeParse(text).success).toBe(false);
});

/** Every field set to something else than its default, as a person writes it. */
const full: CategoryInput = {
  name: 'checkout',
  match: { header: { name: 'x-tenant', value: 'acme' } },
  demand: { imports: {} },
  mode: 'forecast-only',
  risk: 0.003,
  lead: '90s',
  leadMode: 'fixed',
  headroom: 0.1,
  nodes: { min: 2, max: 30, initial: 3, maxStepUp: 4, maxStepDown: 1 },
  weight: 2,
  requestsPerNodeSecond: 12.5,
  utilization: 0.7,
  scaleDownHold: '2m',
  unhealthyGrace: '45s',
  objective: { latency: '250ms', share: 0.95 },
  errorBudget: { bins: 30, headroom: 0.5 },
  maintenance: [
    { from: '2026-12-24T18:00:00.000Z', to: '2026-12-24T19:00:00.000Z', nodes: 9, reason: 'switch' },
  ],
  bin: '30s',
  day: '12h',
  horizons: ['5m', '90s'],
  node: {
    command: ['serve'],
    env: { A: 'b' },
    healthPath: '/ready',
    concurrency: 8,
    serviceTime: '20ms',
    bootTime: '1500ms',
    drain: '10s',
    maxAge: '7d',
  },
  seed: 3,
};

test('settings in use go back to what was written, and what is written goes through every field of the schema', () => {
  expect(asWritten(categoryInput.parse(full))).toEqual(full);
  expect(Object.keys(full).sort()).toEqual(Object.keys(writtenSettings.shape).sort());
  const minimalWritten = asWritten(categoryInput.parse(minimal));
  expect(minimalWritten).toMatchObject({
    lead: '5m',
    bin: '1m',
    scaleDownHold: 'auto',
    horizons: ['5m', '15m'],
  });
  expect(categoryInput.parse(minimalWritten)).toEqual(categoryInput.parse(minimal));
});

test('every duration in use is named in ms, and nothing else is', () => {
  const settings = categoryInput.parse(full);
  expect(settings).toMatchObject({
    leadMs: 90_000,
    scaleDownHoldMs: 120_000,
    horizonsMs: [300_000, 90_000],
    objective: { latencyMs: 250, share: 0.95 },
    maintenance: [{ fromMs: Date.UTC(2026, 11, 24, 18), toMs: Date.UTC(2026, 11, 24, 19), nodes: 9 }],
    node: { serviceTimeMs: 20, bootTimeMs: 1_500, drainMs: 10_000, maxAgeMs: 604_800_000, concurrency: 8 },
  });
  const names = (value: unknown): string[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([name, inner]) => [name, ...names(inner)]);
  expect(names(settings).filter((name) => /^(lead|bin|day|horizons|drain|from|to)$/.test(name))).toEqual([]);
});

test('every setting has a row in the docs that says what it means', () => {
  const rows = settingsTable().split('\n').slice(2);
  for (const row of rows) expect(row).toMatch(/^\| `[\w.]+` \| .* \| .{8,} \| (yes)? ?\|$/);
  expect(rows.length).toBeGreaterThan(30);
});

test.each([
  [{ colour: 'red' }, /colour: no such setting/],
  [{ colour: null }, /colour: no such setting/],
  [{ nodes: { most: null } }, /nodes\.most: no such setting/],
  [{ bin: '2m' }, /bin: can't change while the category runs/],
  [{ nodes: 5 }, /nodes: /],
  [[], /at least one setting/],
  ['risk', /at least one setting/],
])('a change of %j is refused with the field', (change, why) => {
  expect(() => changedSettings(change, categoryInput.parse(minimal))).toThrow(why);
});
