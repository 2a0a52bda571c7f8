/** Values of `--category` → one category for all rows, or new names for some. */
import { categoryName } from '../../core/category/name';
import { PamError } from '../../core/errors';

export interface CategoryOptions {
  readonly category: string | null;
  readonly rename: ReadonlyMap<string, string>;
}

/** `NAME` once, or `NAME-IN-FILE=NAME` any number of times. Throws PamError INVALID_INPUT. */
export function readCategoryOptions(options: readonly string[]): CategoryOptions {
  const rename = new Map<string, string>();
  let category: string | null = null;
  for (const option of options) {
    const equals = option.lastIndexOf('=');
    const name = option.slice(equals + 1);
    const checked = categoryName.safeParse(name);
    if (!checked.success)
      throw new PamError(
        'INVALID_INPUT',
        `--category ${option}: ${checked.error.issues[0]?.message ?? 'not a category name'}`,
      );
    if (equals >= 0) rename.set(option.slice(0, equals), name);
    else if (category === null) category = name;
    else
      throw new PamError(
        'INVALID_INPUT',
        `--category ${category} and --category ${name}: a single name takes all rows; to rename some, use --category NAME-IN-FILE=NAME`,
      );
  }
  if (category !== null && rename.size > 0)
    throw new PamError(
      'INVALID_INPUT',
      `--category ${category} takes all rows, so nothing is left to rename: expected either one name or renamings`,
    );
  return { category, rename };
}
