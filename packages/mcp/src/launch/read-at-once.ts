/**
 * The same items, read from now on and not from the first `next` on: what a process writes before its reader comes would be lost to it.
 *
 * Only one item is taken ahead; a source that holds its own source back goes on to do so.
 */
export function readAtOnce<Item>(items: AsyncGenerator<Item, void, void>): AsyncIterable<Item> {
  let first: Promise<IteratorResult<Item, void>> | undefined = items.next();
  // Told to whoever reads.
  first.catch(() => {});
  const iterator: AsyncIterator<Item, void, void> = {
    next() {
      const result = first ?? items.next();
      first = undefined;
      return result;
    },
    return: () => items.return(),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
