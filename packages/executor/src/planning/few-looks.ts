import type { FileView } from "@holdfast/sandbox";

/** A folder's names count as one look each, and so does this much of a file's content. */
const BYTES_PER_LOOK = 1_024;

/** More was looked at than was to be. */
export class TooManyLooks extends Error {
  override readonly name = "TooManyLooks";
}

/** A view that answers so many questions and no more. @throws TooManyLooks in the end. */
export function fewLooks(files: FileView, max: number): FileView {
  let left = max;
  const look = (count: number): void => {
    left -= count;
    if (left < 0) throw new TooManyLooks();
  };
  const counted = <Args extends readonly unknown[], Answer>(ask: (...args: Args) => Answer) => {
    return (...args: Args): Answer => {
      look(1);
      return ask(...args);
    };
  };
  return {
    kindOf: counted(files.kindOf),
    factsOf: counted(files.factsOf),
    realpath: counted(files.realpath),
    readlink: counted(files.readlink),
    canCreateIn: counted(files.canCreateIn),
    readText: counted(files.readText),
    list(path) {
      const names = files.list(path);
      look(1 + names.length);
      return names;
    },
    readBytes(path, maxBytes) {
      // Before it is read.
      look(1 + (files.factsOf(path)?.size ?? 0) / BYTES_PER_LOOK);
      return files.readBytes(path, maxBytes);
    },
  };
}
