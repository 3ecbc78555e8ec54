import type { FuzzCase } from "./case.ts";

/** A tag fits into so many bytes; what is longer says nothing more. */
const LONGEST_TAG_BYTES = 5;

/** @returns why both may take it otherwise; undefined where they may not. */
export function expectedDifference(tried: FuzzCase): string | undefined {
  const { frame } = tried;
  if (frame?.kind === "field" && frame.change.kind === "pad" && frame.change.bytes >= LONGEST_TAG_BYTES) {
    return `a tag of more than ${LONGEST_TAG_BYTES} bytes is refused by our reader of frames and read by theirs; nobody writes one`;
  }
  return undefined;
}
