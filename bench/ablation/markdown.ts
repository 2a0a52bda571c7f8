/** Rows and numbers → Markdown. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [headings, headings.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** NaN and null as a dash. */
export const shown = (value: number | null | undefined, digits = 2): string =>
  value == null || !Number.isFinite(value) ? '–' : value.toFixed(digits);

export const percentage = (share: number): string => `${Math.round(100 * share)} %`;

export function geometricMean(values: readonly number[]): number {
  const known = values.filter((value) => Number.isFinite(value) && value > 0);
  return known.length === 0
    ? Number.NaN
    : Math.exp(known.reduce((sum, value) => sum + Math.log(value), 0) / known.length);
}

/** `0.97 (0.90 to 1.05 in 12)`: geometric mean, least, most and number. */
export function spread(values: readonly number[]): string {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return '–';
  return `${shown(geometricMean(known))} (${shown(Math.min(...known))} to ${shown(Math.max(...known))} in ${known.length})`;
}

/** Items by a key, in the order in which the keys come. */
export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
