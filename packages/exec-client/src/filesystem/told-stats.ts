import type { EntryKind, FileStats } from "./types.ts";

const LINE_FEED = 0x0a;
/** Before what a link says. */
const LINES = 3;
const NUMBERS = 11;
const FORMAT_BITS = 0o170000;
const MODE_BITS = 0o7777;
/** Kinds by their bits in a mode. */
const KINDS: ReadonlyMap<number, EntryKind> = new Map([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "symlink"],
  [0o010000, "fifo"],
  [0o140000, "socket"],
  [0o020000, "characterDevice"],
  [0o060000, "blockDevice"],
]);

/** What a kind of entry is called, from the mode in hexadecimal as `stat` prints it. */
export function kindOfMode(hexadecimal: string): EntryKind {
  return KINDS.get(Number.parseInt(hexadecimal, 16) & FORMAT_BITS) ?? "unknown";
}

/**
 * What `stat` printed: a line of numbers; whether the path is a link; and, of a link that was not followed, the mode of what
 * it leads to, or `-`, and what it says. Undefined: it is another `stat`.
 */
export function statsOf(printed: Uint8Array): FileStats | undefined {
  const [numbers = "", isLink, targetMode, said] = fieldsOf(printed);
  const words = numbers.split(" ");
  const [rawMode = "", ...rest] = words;
  const [size = 0, uid = 0, gid = 0, linkCount = 0] = rest.slice(0, 4).map(Number);
  const [accessed = 0, modified = 0, changed = 0] = rest.slice(6).map(Number);
  if (words.length !== NUMBERS || ![size, uid, gid, linkCount, accessed, modified, changed].every(Number.isFinite)) {
    return undefined;
  }
  const kind = kindOfMode(rawMode);
  const born = Number(rest[9]);
  return {
    kind,
    isFile: kind === "file",
    isDirectory: kind === "directory",
    isSymlink: isLink === "1",
    size,
    mode: Number.parseInt(rawMode, 16) & MODE_BITS,
    uid,
    gid,
    linkCount,
    inode: rest[4] ?? "",
    device: rest[5] ?? "",
    accessedAtMs: milliseconds(accessed),
    modifiedAtMs: milliseconds(modified),
    changedAtMs: milliseconds(changed),
    createdAtMs: Number.isFinite(born) ? milliseconds(born) : 0,
    linkTarget: said,
    linkTargetKind: said === undefined || targetMode === "-" ? undefined : kindOfMode(targetMode ?? ""),
  };
}

/** Three lines, and the rest as it is: what a link says may have line feeds. */
function fieldsOf(printed: Uint8Array): string[] {
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  const fields: string[] = [];
  let rest = printed;
  for (let count = 0; count < LINES; count += 1) {
    const end = rest.indexOf(LINE_FEED);
    if (end < 0) return fields;
    fields.push(text.decode(rest.subarray(0, end)));
    rest = rest.subarray(end + 1);
  }
  return [...fields, text.decode(rest)];
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1_000);
}
