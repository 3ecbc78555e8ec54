/*
 * What support modules keep for a whole file of tests. They are evaluated once for all files of a worker, so a hook of their own would run
 * for the first of them alone.
 */

type End = () => void | Promise<void>;

const ends: End[] = [];

/** Have something done after the last test of the file that runs, the last one first. */
export function atEndOfFile(end: End): void {
  ends.push(end);
}

export async function endOfFile(): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
}
