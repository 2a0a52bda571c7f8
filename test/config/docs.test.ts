/**
 * The documentation against the checkout: every path, file name, link and anchor that a page names exists. A page that
 * names a moved file fails here.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { projectRoot } from '../../config/projectRoot';

const root = projectRoot();
const skipped = new Set(['node_modules', 'dist', '.git', '.pam']);

const filesUnder = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
  });

const files = filesUnder('.');
const names = new Set(files.map((path) => path.split('/').at(-1)));
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !skipped.has(entry.name))
  .map(({ name }) => name);
const pages = files.filter((path) => path.endsWith('.md') && !path.startsWith('bench/results/'));

/** Without what stands between fences: those are commands and output. */
const prose = (page: string): string =>
  readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');

/** What stands in backticks, without `{a,b}`: each of its words is looked at by itself. */
const quoted = (page: string): string[] =>
  [...prose(page).matchAll(/`([^`\n]+)`/g)].flatMap(([, text = '']) => text.split(/[\s,]+/));

const startsInFolder = new RegExp(`^(${folders.join('|')})/[\\w./@-]*$`);

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');

const anchorsOf = (page: string): Set<string> =>
  new Set([...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));

test('there are pages to look at', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/walk.md']));
});

test.each(pages)('%s names only paths that exist', (page) => {
  const missing = quoted(page).filter((word) => {
    if (word.includes('…') || word.includes('*')) return false;
    if (startsInFolder.test(word)) return !existsSync(join(root, word));
    // A bare file name: some file of the checkout has it.
    return /^[a-z]\w*\.(ts|sql|mjs|cjs)$/.test(word) && !names.has(word);
  });
  expect(missing).toEqual([]);
});

test('pages that the code cites exist', () => {
  const cited = files
    .filter((path) => /\.(ts|cjs|sql|yaml)$/.test(path))
    .flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([page]) => ({
        path,
        page,
      })),
    );
  expect(cited.length).toBeGreaterThan(0);
  expect(cited.filter(({ page }) => !existsSync(join(root, page)))).toEqual([]);
});

test.each(pages)('%s links only to what exists', (page) => {
  const broken = [...prose(page).matchAll(/!?\[[^[\]]*\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const linked = path === '' ? page : relative(root, resolve(root, dirname(page), path));
      if (!existsSync(join(root, linked))) return true;
      if (anchor === undefined || statSync(join(root, linked)).isDirectory()) return false;
      return linked.endsWith('.md') && !anchorsOf(linked).has(anchor);
    });
  expect(broken).toEqual([]);
});
