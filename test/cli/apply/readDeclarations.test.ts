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

test('categories that are not routed share no requests; a source of demand that there is not is named with what there is', () => {
  const file = (second: string) => `categories:
  - name: a
    demand: { imports: {} }
  - name: b
    demand: { ${second}: {} }
`;
  expect(readDeclarations(file('imports'), 'c.yaml').map(({ name }) => name)).toEqual(['a', 'b']);
  expect(complaints(file('kafka'))).toEqual([
    'c.yaml:5: b: demand.kafka: no such source of demand: kafka; expected one of envoy, imports',
  ]);
  expect(complaints(file('envoy'))).toEqual([
    expect.stringMatching(/^c\.yaml:4: b: match: expected which requests belong to it, since "envoy" counts/),
  ]);
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
