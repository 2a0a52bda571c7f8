/** A step of a category's loop that failed → what becomes of the category meanwhile, for whoever reads why. */
const effects: Readonly<Record<string, string>> = {
  predict: 'without a forecast the nodes that are there stay',
  calculate: 'nothing is decided, the nodes stay as they are until the next tick',
  scale: 'the nodes stay as they are, the next tick tries again',
  verify: 'the counts are those of the last look, and nothing is scored',
};

export function effectOf(step: string): string {
  return effects[step] ?? 'the next tick tries again';
}
