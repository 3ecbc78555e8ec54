/**
 * The same items, read from now on and not from the first `next` on: what a process writes before its reader comes would be lost to it.
 *
 * Only one item is taken ahead; a source that holds its own source back goes on to do so. The source is let go of at its end.
 */
export function readAtOnce<Item>(items: AsyncGenerator<Item, void, void>): AsyncIterable<Item> {
  let source: AsyncGenerator<Item, void, void> | undefined = items;
  const take = (): Promise<IteratorResult<Item, void>> =>
    source?.next().then(
      (result) => {
        if (result.done === true) source = undefined;
        return result;
      },
      (error: unknown) => {
        source = undefined;
        throw error;
      },
    ) ?? Promise.resolve({ done: true, value: undefined });
  let first: Promise<IteratorResult<Item, void>> | undefined = take();
  // Told to whoever reads.
  first.catch(() => {});
  const iterator: AsyncIterator<Item, void, void> = {
    next() {
      const result = first ?? take();
      first = undefined;
      return result;
    },
    async return() {
      await source?.return();
      source = undefined;
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
