import fs, { type Dirent } from "node:fs";
import { errnoOf, osFault } from "./fault.ts";

/**
 * Paths and names inside a walk are strings with one character per byte (`latin1`): they sort in byte order, which is
 * the code point order of UTF-8, they work as keys, and Node makes them faster than buffers.
 */
export type ByteString = string;

/** Where a link leads: a directory, with its canonical path; nothing worth listing; or somewhere unreachable. */
export type LinkTarget =
  | { readonly kind: "directory"; readonly canonical: ByteString }
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly message: string };

/** One name in a directory, with what Node knows of its kind. */
export interface ListedEntry extends Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink"> {
  readonly name: ByteString;
}

/** One directory, sorted by name. */
export interface Listing {
  readonly entries: readonly ListedEntry[];
  /** Present for every link when links are followed. */
  readonly targets: ReadonlyMap<ByteString, LinkTarget>;
}

/** A listing, or why there is none. Never rejects, so that it may be asked for ahead of need. */
export type ListingOutcome =
  | { readonly kind: "listed"; readonly listing: Listing }
  | { readonly kind: "failed"; readonly thrown: unknown };

/**
 * A directory file above this size is read in pieces. Making all entries of a huge directory at once would hold up
 * everything else; for small ones, a single call is four times cheaper.
 */
const PIECEWISE_ABOVE_BYTES = 512 * 1024;
const PIECE_ENTRIES = 2_048;
const CONCURRENT_LINK_LOOKUPS = 16;

export function toBytes(text: ByteString): Buffer {
  return Buffer.from(text, "latin1");
}

function toText(bytes: Buffer): ByteString {
  return bytes.toString("latin1");
}

/** List a directory, keeping at most `maxEntries` + 1 entries, the first ones by name. */
export async function listDirectory(
  directory: ByteString,
  options: { readonly maxEntries: number; readonly resolveLinks: boolean },
): Promise<ListingOutcome> {
  try {
    const path = toBytes(directory);
    const size = await sizeOf(path);
    const entries =
      size > PIECEWISE_ABOVE_BYTES
        ? await readPiecewise(path, options.maxEntries)
        : await readAtOnce(path).catch((thrown: unknown) => {
            if (errnoOf(thrown) !== undefined) throw thrown;
            // Where the file system tells no kinds, Node looks them up itself, which it can not with names like these.
            return readPiecewise(path, options.maxEntries);
          });
    const targets = options.resolveLinks ? await resolveLinks(directory, entries) : NO_TARGETS;
    return { kind: "listed", listing: { entries, targets } };
  } catch (thrown) {
    return { kind: "failed", thrown };
  }
}

/** By callback: Node's promises make a look at a directory twice as dear. */
function sizeOf(path: Buffer): Promise<number> {
  return new Promise((resolve, reject) =>
    fs.stat(path, (error, stats) => (error === null ? resolve(stats.size) : reject(error))),
  );
}

const NO_TARGETS: ReadonlyMap<ByteString, LinkTarget> = new Map();

function byName(a: ListedEntry, b: ListedEntry): number {
  return a.name < b.name ? -1 : 1;
}

function readAtOnce(path: Buffer): Promise<ListedEntry[]> {
  return new Promise((resolve, reject) =>
    // Node's types know no encoding but UTF-8 and `buffer` here.
    fs.readdir(path, { withFileTypes: true, encoding: "latin1" as "utf8" }, (error, entries) =>
      error === null ? resolve(entries.sort(byName)) : reject(error),
    ),
  );
}

/** An entry read for bytes, under its name as a byte string. A class, as closures for each of many entries are dear. */
class RenamedEntry implements ListedEntry {
  readonly name: ByteString;
  readonly #entry: Dirent<Buffer>;

  constructor(entry: Dirent<Buffer>) {
    this.name = toText(entry.name);
    this.#entry = entry;
  }

  isFile(): boolean {
    return this.#entry.isFile();
  }

  isDirectory(): boolean {
    return this.#entry.isDirectory();
  }

  isSymbolicLink(): boolean {
    return this.#entry.isSymbolicLink();
  }
}

/** Read piece by piece, and keep of all pieces only what can still be examined. */
export async function readPiecewise(path: Buffer, maxEntries: number): Promise<ListedEntry[]> {
  let kept: ListedEntry[] = [];
  let piece: ListedEntry[] = [];
  for await (const entry of await openForBytes(path)) {
    piece.push(new RenamedEntry(entry));
    if (piece.length < PIECE_ENTRIES) continue;
    kept = merged(kept, piece.sort(byName), maxEntries + 1);
    piece = [];
  }
  return merged(kept, piece.sort(byName), maxEntries + 1);
}

/** Node's types leave out that a directory opened for bytes answers with bytes. */
async function openForBytes(path: Buffer): Promise<AsyncIterable<Dirent<Buffer>>> {
  const options = { encoding: "buffer", bufferSize: PIECE_ENTRIES } as unknown as fs.OpenDirOptions;
  return (await fs.promises.opendir(path, options)) as unknown as AsyncIterable<Dirent<Buffer>>;
}

function merged(left: readonly ListedEntry[], right: readonly ListedEntry[], limit: number): ListedEntry[] {
  const result: ListedEntry[] = [];
  let l = 0;
  let r = 0;
  while (result.length < limit) {
    const a = left[l];
    const b = right[r];
    if (a !== undefined && (b === undefined || a.name < b.name)) {
      result.push(a);
      l += 1;
    } else if (b !== undefined) {
      result.push(b);
      r += 1;
    } else break;
  }
  return result;
}

async function resolveLinks(
  directory: ByteString,
  entries: readonly ListedEntry[],
): Promise<Map<ByteString, LinkTarget>> {
  const targets = new Map<ByteString, LinkTarget>();
  const links = entries.filter((entry) => entry.isSymbolicLink());
  for (let start = 0; start < links.length; start += CONCURRENT_LINK_LOOKUPS) {
    const some = links.slice(start, start + CONCURRENT_LINK_LOOKUPS);
    await Promise.all(some.map(async ({ name }) => targets.set(name, await resolveLink(`${directory}/${name}`))));
  }
  return targets;
}

async function resolveLink(link: ByteString): Promise<LinkTarget> {
  try {
    const path = toBytes(link);
    if (!(await fs.promises.stat(path)).isDirectory()) return { kind: "nothing" };
    return { kind: "directory", canonical: await canonicalText(link) };
  } catch (thrown) {
    const code = errnoOf(thrown);
    // Dangling links are nothing to report, however they dangle.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP" || code === undefined) return { kind: "nothing" };
    return { kind: "failed", message: osFault(code).message };
  }
}

export function canonicalText(path: ByteString): Promise<ByteString> {
  return new Promise((resolve, reject) =>
    fs.realpath.native(toBytes(path), "buffer", (error, real) =>
      error === null ? resolve(toText(real)) : reject(error),
    ),
  );
}
