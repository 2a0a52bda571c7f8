/** Ids of any kind → plain ids of at most 200 characters, equal only for equal ids (except for a hash collision). */
import { isPlain, madePlain } from '../text/plainText';

const longest = 200;

/** An id that is longer or not plain is cut and gets a hash of the whole (FNV-1a, 64 bits). */
export function shortId(id: string): string {
  if (id.length <= longest && isPlain(id) && id.trim() === id) return id;
  let hash = 0xcbf29ce484222325n;
  for (const letter of id)
    hash = BigInt.asUintN(64, (hash ^ BigInt(letter.codePointAt(0) ?? 0)) * 0x100000001b3n);
  return `${madePlain(id)
    .trim()
    .slice(0, longest - 17)}~${hash.toString(16).padStart(16, '0')}`;
}
