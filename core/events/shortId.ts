/** An id of any length → an id of at most 200 characters. Different ids stay different, except for a hash collision. */
const longest = 200;

/** An id that is too long is cut and gets a hash of the whole id (FNV-1a, 64 bits). */
export function shortId(id: string): string {
  if (id.length <= longest) return id;
  let hash = 0xcbf29ce484222325n;
  for (const letter of id)
    hash = BigInt.asUintN(64, (hash ^ BigInt(letter.codePointAt(0) ?? 0)) * 0x100000001b3n);
  return `${id.slice(0, longest - 17)}~${hash.toString(16).padStart(16, '0')}`;
}
