/** One row of a file with the line that it begins at, or the reason why it can't be parsed. */
import type { ReadColumn } from '../../../core/demand/import/observation';

export type FileRecord =
  | { readonly line: number; readonly read: ReadColumn }
  | { readonly line: number; readonly bad: string };
