/** What the work below takes where the bound is meant: a machine of today that has nothing else to do. */
const USUAL_MS = 30;
const TEXTS = 60_000;

/**
 * How much slower than usual this machine does the kind of work that requests are: parsing, maps, strings. At least 1.
 *
 * @param threadMs - Processor time of this thread.
 */
export function slowness(threadMs: () => number): number {
  const rounds = [0, 1, 2, 3].map(() => {
    const start = threadMs();
    work();
    return threadMs() - start;
  });
  return Math.max(1, Math.min(...rounds) / USUAL_MS);
}

function work(): number {
  const texts = Object.fromEntries(Array.from({ length: TEXTS }, (_, index) => [`name ${index}`, `value ${index}`]));
  const read = JSON.parse(JSON.stringify(texts)) as Record<string, string>;
  return Object.entries(read).filter(([name, value]) => name.length < value.length).length;
}
