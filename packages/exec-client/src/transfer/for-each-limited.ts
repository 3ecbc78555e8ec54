/**
 * Run an operation for every item, at most `atOnce` at a time, started in order.
 *
 * After an error no other is started, and it rejects once those that run have ended.
 */
export async function forEachLimited<Item>(
  items: readonly Item[],
  options: { readonly atOnce: number },
  operation: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  let isFailing = false;
  const work = async (): Promise<void> => {
    for (const item of waiting) {
      if (isFailing) return;
      try {
        await operation(item);
      } catch (error) {
        isFailing = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: options.atOnce }, work));
  for (const worker of workers) if (worker.status === "rejected") throw worker.reason;
}
