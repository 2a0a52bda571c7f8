import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDeclarations } from '../../../cli/apply/readDeclarations';
import { PamError } from '../../../core/errors';

function complaints(text: string): string[] {
  try {
    readDeclarations(text, 'c.yaml');
  } catch (error) {
    if (error instanceof PamError && error.code === 'INVALID_DATA') return error.message.split('\n');
    throw error;
  }
  return [];
}

test('the example is right, with the settings that its entries share', () => {
  const file = join(__dirname, '..', '..', '..', 'examples', 'categories.yaml');
  const declared = readDeclarations(readFileSync(file, 'utf8'), file);
  expect(declared.map(({ name }) => name)).toEqual(['shop', 'images']);
  for (const { settings } of declared)
    expect(settings).toMatchObject({ mode: 'forecast-only', leadMs: 120_000 });
});

test('every complaint is told at once, with its line, category and field', () => {
  const told = complaints(`categories:
  - name: shop
    match: { pathPrefix: /shop }
    riks: 0.1
    nodes:
      min: 5
      max: 3
  - name: Search
    match: { host: a.example }
    objective:
      latency: 5
`);
  expect(told).toContainEqual(expect.stringMatching(/^c\.yaml:4: shop: riks: no such setting/));
  expect(told).toContainEqual(expect.stringMatching(/^c\.yaml:8: Search: name: expected 1 to 40/));
  expect(told).toContainEqual(expect.stringMatching(/^c\.yaml:11: Search: objective\.latency: /));
});

test('what the node provider does not take is told with everything else, with its line and field', () => {
  const told = complaints(`categories:
  - name: shop
    match: { pathPrefix: /shop }
    risk: 7
    local:
      command: []
      port: 8080
      bootTime: 3
  - name: search
    match: { host: a.example }
    nodes: { provider: mars }
    local: { command: [serve] }
`);
  expect(told).toEqual([
    expect.stringMatching(/^c\.yaml:4: shop: risk: /),
    expect.stringMatching(/^c\.yaml:6: shop: local\.command: /),
    expect.stringMatching(/^c\.yaml:8: shop: local\.bootTime: /),
    expect.stringMatching(/^c\.yaml:7: shop: local\.port: no such setting/),
    expect.stringMatching(/^c\.yaml:11: search: nodes\.provider: .*local/),
  ]);
});

test('a merged setting that is wrong is told at the entry that merges it', () => {
  const told = complaints(`x-all: &all { risk: 7 }
categories:
  - name: a
    match: { pathPrefix: /a }
  - <<: *all
    name: b
    match: { pathPrefix: /b }
`);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^c\.yaml:5: b: risk: /);
});

test.each([
  ['the same name twice', 'name: a\n    match: { host: b }', /^c\.yaml:4: a: name: .* at c\.yaml:2$/],
  [
    'the same requests twice',
    'name: b\n    match: { pathPrefix: /a/ }',
    /^c\.yaml:5: b: match: the same requests as a/,
  ],
])('%s is refused', (_, second, expected) => {
  const told = complaints(`categories:\n  - name: a\n    match: { pathPrefix: /a }\n  - ${second}\n`);
  expect(told).toEqual([expect.stringMatching(expected)]);
});

test.each([
  ['', /^c\.yaml:1: expected a list under "categories:"/],
  ['categories: {a: 1}', /expected a list under "categories:"/],
  ['categories:\n  - name: a\n   match: {', /^c\.yaml:3: no valid YAML/],
  ['categories: []\ncategory: []', /^c\.yaml:2: category: unknown/],
  ['categories: [1]', /^c\.yaml:1: /],
])('what is no list of categories (%j) is refused with the line', (text, expected) => {
  expect(complaints(text)[0]).toMatch(expected);
});
