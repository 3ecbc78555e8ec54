/** Do a piece of work `total` times, `width` at a time. */
export async function inFlight(total: number, width: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < total) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, total) }, worker));
}

/** How often per second it gets done. */
export async function perSecond(
  total: number,
  width: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  const begin = performance.now();
  await inFlight(total, width, work);
  return total / ((performance.now() - begin) / 1_000);
}
