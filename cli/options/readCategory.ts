/** A name as typed → a possible category name, before any server is asked. */
import { categoryName } from '../../core/category/name';
import { PamError } from '../../core/errors';

/** Throws PamError INVALID_INPUT. */
export function readCategory(text: string): string {
  const parsed = categoryName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new PamError('INVALID_INPUT', `category ${text}: ${parsed.error.issues[0]?.message}`);
}
