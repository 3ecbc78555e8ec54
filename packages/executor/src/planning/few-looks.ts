import type { FileView } from "@holdfast/sandbox";

/** More was looked at than was to be. */
export class TooManyLooks extends Error {
  override readonly name = "TooManyLooks";
}

/** A view that answers so many questions and no more; a folder's names count as one each. @throws TooManyLooks in the end. */
export function fewLooks(files: FileView, max: number): FileView {
  let left = max;
  const look = (count: number): void => {
    left -= count;
    if (left < 0) throw new TooManyLooks();
  };
  const counted = Object.entries(files).map(([name, ask]: [string, (...args: unknown[]) => unknown]) => {
    const answer = (...args: unknown[]): unknown => {
      look(1);
      const found = ask(...args);
      if (Array.isArray(found)) look(found.length);
      return found;
    };
    return [name, answer] as const;
  });
  return Object.fromEntries(counted) as unknown as FileView;
}
