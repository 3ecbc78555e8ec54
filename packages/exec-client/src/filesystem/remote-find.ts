import type { PathUri } from "@holdfast/path-uri";
import { displayPath, toNativeBytes } from "@holdfast/path-uri";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { FIND_OUTPUT_MAX_BYTES } from "../limits.ts";
import { byteString } from "./byte-string.ts";
import type { EntryCall } from "./entry-port.ts";
import { type RunProgram, runScript } from "./remote-script.ts";
import type { EntryKind } from "./types.ts";

/** What GNU `find` tells of an entry. */
export interface FoundEntry {
  /** Below the root, one character per byte; empty: the root itself. */
  readonly name: string;
  readonly kind: EntryKind;
  /** Of a link that was followed: it is still told apart. */
  readonly inode: string;
  /** Time of the last write, and size: the same under another name. */
  readonly content: string;
  /** Time of the last change of content, attributes or name. */
  readonly changed: string;
}

/**
 * Root, depth, `-H` or `-L`. What can not be read is left out; without a word of the root, which is there before and after, there is no
 * such \`find\`.
 */
const FIND = `
[ -e "$1" ] || { stat -L -- "$1" >/dev/null; exit 1; }
find "$3" "$1" -maxdepth "$2" -printf '%y %i %T@:%s %C@ %P\\0' 2>/dev/null || :
[ -e "$1" ] || { stat -L -- "$1" >/dev/null; exit 1; }
`;
/** More than any path has. */
const ANY_DEPTH = 4_096;
/** Before the name. */
const WORDS = 4;
const KINDS: ReadonlyMap<string, EntryKind> = new Map([
  ["f", "file"],
  ["d", "directory"],
  ["l", "symlink"],
  ["p", "fifo"],
  ["s", "socket"],
  ["c", "characterDevice"],
  ["b", "blockDevice"],
  // A link that is to be followed and leads nowhere, or round in a circle.
  ["N", "symlink"],
  ["L", "symlink"],
]);

/**
 * List a tree by one command.
 *
 * @throws FileError - There is nothing. UnsupportedError - The executor has no GNU \`find\`, or there is too much.
 */
export async function findOnExecutor(
  run: RunProgram,
  root: PathUri,
  { recursive, followSymlinks = false }: { readonly recursive: boolean; readonly followSymlinks?: boolean },
  call: EntryCall,
): Promise<FoundEntry[]> {
  const words = [toNativeBytes(root), String(recursive ? ANY_DEPTH : 1), followSymlinks ? "-L" : "-H"];
  const about = { ...call, path: displayPath(root) };
  const printed = await runScript(run, FIND, words, about, { maxOutputBytes: FIND_OUTPUT_MAX_BYTES });
  if (printed.byteLength === 0) throw new UnsupportedError(call.method, "its own way, and a GNU `find` for another");
  if (printed.byteLength >= FIND_OUTPUT_MAX_BYTES) {
    throw new UnsupportedError(call.method, `a way to list more than ${FIND_OUTPUT_MAX_BYTES} bytes of names`);
  }
  return byteString(printed).split("\0").slice(0, -1).map(entryOf);
}

function entryOf(line: string): FoundEntry {
  const words = line.split(" ", WORDS);
  const [letter = "", inode = "", content = "", changed = ""] = words;
  const name = line.slice(words.join(" ").length + 1);
  return { name, kind: KINDS.get(letter) ?? "unknown", inode, content, changed };
}
