/** docs/errors.md lists the catalogue: every code once, with the words that stand in the code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../config/projectRoot';
import { errorCatalogue, nonRetryableCodes, PamError } from '../../core/errors';

const page = readFileSync(join(projectRoot(), 'docs', 'errors.md'), 'utf8');

test('docs/errors.md has exactly the codes of the catalogue, with the same words', () => {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { means, exitCode, retryable, todo }]) =>
      `| \`${code}\` | ${means} | ${exitCode} | ${retryable ? 'yes' : 'no'} | ${todo} |`,
  );
  expect(page.split('\n').filter((line) => /^\| `[A-Z_]+` /.test(line))).toEqual(rows);
});

test.each(Object.entries(errorCatalogue))('%s says what it means and what to do', (_, { means, todo }) => {
  for (const text of [means, todo]) {
    expect(text).toMatch(/^[`A-Z].*\.$/);
    // A row of a table.
    expect(text).not.toContain('|');
  }
});

test('an error answers what the catalogue says of its code', () => {
  expect(new PamError('UNAVAILABLE', 'gone')).toMatchObject({ retryable: true, exitCode: 69 });
  expect(new PamError('DENIED', 'no')).toMatchObject({ retryable: false, exitCode: 77 });
  expect(nonRetryableCodes).toContain('DENIED');
  expect(nonRetryableCodes).not.toContain('UNAVAILABLE');
});
