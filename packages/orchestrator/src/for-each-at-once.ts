/**
 * Do something with each, a few at a time, in order of their beginning. All that began is over when it settles.
 *
 * @throws The first failure, in the order of the list. None is begun after one.
 */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: (readonly [index: number, error: unknown])[] = [];
  const left = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of left) {
      if (failures.length > 0) return;
      try {
        await act(item);
      } catch (error) {
        failures.push([index, error]);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
  const [first] = failures.sort(([a], [b]) => a - b);
  if (first !== undefined) throw first[1];
}
