/**
 * Work on many items at once → a function of one item. Calls of the same turn of the event loop become one piece of work, so
 * that a look at two hundred categories is one read of the source and one statement.
 */
export function batched<Item, Result>(
  work: (items: readonly Item[]) => Promise<(item: Item) => Result>,
): (item: Item) => Promise<Result> {
  let open: { readonly items: Item[]; readonly done: Promise<(item: Item) => Result> } | null = null;
  return async (item) => {
    if (open === null) {
      const items: Item[] = [];
      const done = Promise.resolve().then(() => {
        open = null;
        return work(items);
      });
      open = { items, done };
    }
    open.items.push(item);
    const { done } = open;
    return (await done)(item);
  };
}
