import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvCell } from '../../../core/text/csvCell';

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\n`;

test.each([
  '=1+1',
  '+cmd',
  '-2+3',
  '@SUM(A1)',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(A1)',
  '  =1',
  '|calc',
  '%0A',
  '−1',
  '"=1',
])('a spreadsheet does not compute %j', (text) => {
  const [[cell]] = parse(csvLine([text])) as string[][] as [[string]];
  expect(cell).toBe(`'${text}`);
});

test.each([
  [-5, '-5'],
  ['-5', '-5'],
  ['-5.25e-3', '-5.25e-3'],
  [Number.NaN, ''],
  ['checkout', 'checkout'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['a;=1', '"a;=1"'],
  ['\t=1', '\\t=1'],
  ['a\r\n=1', 'a\\r\\n=1'],
])('%j is the cell %j', (value, cell) => expect(csvCell(value)).toBe(cell));

test('any cells are one line, read back in the same number, none of which begins a formula', () => {
  const cells = fc.array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('=', '+1+1', '@x', '＝x', '-x')),
    {
      minLength: 1,
    },
  );
  fc.assert(
    fc.property(cells, (values) => {
      const [row = [], ...more] = parse(csvLine(['first', ...values]), {
        relax_column_count: true,
      }) as string[][];
      expect(more).toEqual([]);
      expect(row).toHaveLength(values.length + 1);
      for (const cell of row)
        if (!/^-?[\d.]+(e[+-]?\d+)?$/i.test(cell))
          expect(cell.normalize('NFKC')).not.toMatch(/^\s*[=+\-@|%]/);
    }),
  );
});
