/** The words typed so far → names of categories that fit. Quick; none if no server answers. */

/** Commands whose first argument is a category. */
const commandsOfACategory: readonly string[] = ['status', 'explain', 'audit', 'events'];

const patienceMs = 1_500;

export async function completeCategories(
  typed: string,
  words: readonly (string | number)[],
  config: string | undefined,
): Promise<string[]> {
  const place = words.findIndex((word) => commandsOfACategory.includes(String(word)));
  // The command’s word and the one being typed.
  if (place < 0 || words.length > place + 2 || typed.startsWith('-')) return [];
  const names = import('../connect/withStores.js').then(({ withStores }) =>
    withStores(
      config,
      async ({ categories }) => (await categories.list()).map(({ settings }) => settings.name),
      { reading: true },
    ),
  );
  const late = new Promise<string[]>((resolve) => setTimeout(() => resolve([]), patienceMs).unref());
  // Nothing may be printed while a shell completes.
  const found = await Promise.race([names.catch(() => []), late]);
  return found.filter((name) => name.startsWith(typed));
}
