/** The check of regular expressions bites: each that takes more than linear time is found, its linear form is not. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../config/projectRoot';

const root = projectRoot();

/** Expressions → the rule that each of them breaks. */
const bad = {
  'text.replace(/<[^>]*>/g, " ")': 'regexp/no-super-linear-move',
  'text.replace(/\\/+$/, "")': 'regexp/no-super-linear-move',
  '/^(a+)+$/.test(text)': 'regexp/no-super-linear-backtracking',
  '/^\\s*(\\w+\\s*)*;/.test(text)': 'regexp/no-super-linear-backtracking',
  'new RegExp("^(a+)+$").test(text)': 'regexp/no-super-linear-backtracking',
};
const fine = ['text.replace(/\\s+/g, " ")', '/^\\d{4}-\\d{2}$/.test(text)', '/^[a-z][a-z0-9-]*$/.test(text)'];

test('what backtracks is found in every folder, what is linear is not', () => {
  const text = [...Object.keys(bad), ...fine]
    .map((expression, index) => `export const r${index} = (text: string) => ${expression};`)
    .join('\n');
  const found = lint(text, 'core/planted.ts');
  expect(found.map(({ line, ruleId }) => [line, ruleId])).toEqual(
    Object.values(bad).map((ruleId, index) => [index + 1, ruleId]),
  );
  expect(lint('const bad = /<[^>]*>/g;', 'test/planted.mjs')).toHaveLength(1);
});

test('make check runs it over the whole project', () => {
  const plan = execFileSync('make', ['--dry-run', '--always-make', 'check'], { cwd: root, encoding: 'utf8' });
  expect(plan).toMatch(/^node_modules\/\.bin\/eslint .*\.$/m);
});

function lint(text: string, file: string): { line: number; ruleId: string }[] {
  const options = { cwd: root, input: text, encoding: 'utf8' } as const;
  const args = ['--stdin', '--stdin-filename', file, '--format', 'json'];
  try {
    execFileSync(join(root, 'node_modules', '.bin', 'eslint'), args, { ...options, stdio: 'pipe' });
    return [];
  } catch (error) {
    return JSON.parse((error as { stdout: string }).stdout)[0].messages;
  }
}
