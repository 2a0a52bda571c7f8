/**
 * A file of categories (YAML, so JSON too) enters; checked declarations leave, or every complaint at once, each with
 * its line and field. Nothing is asked of a server here.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { type CategoryInput, type CategorySettings, categoryInput } from '../../core/category/settings';
import { PamError } from '../../core/errors';
import { sameRequests } from '../../core/routing/precedence';

export interface Declaration {
  readonly name: string;
  /** `categories.yaml:12` */
  readonly where: string;
  /** As written: what the workflow is started with. */
  readonly input: CategoryInput;
  /** With every default filled in. */
  readonly settings: CategorySettings;
}

type Path = readonly (string | number)[];

/** Larger files are no list of categories. */
const mostCharacters = 5_000_000;

/** Top-level keys besides `categories` begin with `x-`: room for anchors that entries share. */
const file = z.looseObject({ categories: z.array(z.unknown()) });

/** Throws PamError INVALID_DATA with a line a complaint; `name` is how the file is called in them. */
export function readDeclarations(text: string, name: string): Declaration[] {
  if (text.length > mostCharacters)
    throw new PamError('INVALID_DATA', `${name}: too large for a list of categories`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const complaints = document.errors.map(
    ({ pos, message }) => `${name}:${lines.linePos(pos[0]).line}: no valid YAML: ${message.split('\n')[0]}`,
  );
  if (complaints.length > 0) throw new PamError('INVALID_DATA', complaints.join('\n'));
  const place = (path: Path) => `${name}:${lineOf(document, lines, path)}`;

  const content: unknown = document.toJS({ maxAliasCount: 1_000 });
  const outer = file.safeParse(content);
  if (!outer.success)
    throw new PamError(
      'INVALID_DATA',
      `${place([])}: expected a list under "categories:", such as\ncategories:\n  - name: checkout\n    match: { pathPrefix: /checkout }`,
    );
  for (const key of Object.keys(outer.data))
    if (key !== 'categories' && !key.startsWith('x-'))
      complaints.push(
        `${place([key])}: ${key}: unknown; expected "categories" (or a name that begins with "x-")`,
      );

  const declarations: Declaration[] = [];
  outer.data.categories.forEach((entry, index) => {
    const path: Path = ['categories', index];
    const read = categoryInput.safeParse(entry);
    if (!read.success) {
      complaints.push(...read.error.issues.map((issue) => complaintOf(issue, path, entry, place)));
      return;
    }
    const where = place(path);
    const input = entry as CategoryInput;
    const { data: settings } = read;
    const twin = declarations.find((other) => other.name === settings.name);
    if (twin !== undefined)
      complaints.push(`${where}: ${settings.name}: name: there is one of that name already at ${twin.where}`);
    const rival = declarations.find((other) => sameRequests(other.settings.match, settings.match));
    if (rival !== undefined && twin === undefined)
      complaints.push(
        `${place([...path, 'match'])}: ${settings.name}: match: the same requests as ${rival.name} at ${rival.where}`,
      );
    declarations.push({ name: settings.name, where, input, settings });
  });
  if (complaints.length > 0) throw new PamError('INVALID_DATA', complaints.join('\n'));
  return declarations;
}

function complaintOf(
  issue: z.core.$ZodIssue,
  path: Path,
  entry: unknown,
  place: (path: Path) => string,
): string {
  const inner = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const name =
    typeof entry === 'object' && entry !== null && 'name' in entry ? String(entry.name) : '(no name)';
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => [...inner, key].join('.'));
    // Where the schema has words of its own, it names what there is.
    const reason = issue.message.startsWith('Unrecognized key')
      ? 'no such setting; docs/category.md lists them'
      : issue.message;
    return `${place([...path, ...inner, ...issue.keys.slice(0, 1)])}: ${name}: ${keys.join(', ')}: ${reason}`;
  }
  return `${place([...path, ...inner])}: ${name}: ${inner.join('.') || '(entry)'}: ${issue.message}`;
}

/** Line of what `path` names, or of the nearest thing around it that is written in the file. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1];
    const around = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    // A map's entry begins at its key.
    const found = isMap(around)
      ? around.items.find((pair) => isScalar(pair.key) && pair.key.value === key)?.key
      : document.getIn(path.slice(0, length), true);
    const start = isNode(found) ? (found as Node).range?.[0] : undefined;
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}
