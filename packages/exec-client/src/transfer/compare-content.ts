import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import type { PathUri } from "@holdfast/path-uri";
import { OpenFolders } from "./open-folders.ts";
import { nameOfPath } from "./remote-listing.ts";
import { TransferError } from "./transfer-error.ts";
import type { TreeCalls } from "./tree-calls.ts";
import { keyOf, type TreeEntry } from "./tree-entry.ts";

/** Parts of files that are asked for in one request. */
const RANGES_MAX = 1_024;
/** Most of a file that is digested in one go, here and there. */
const RANGE_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;
/** Windows has no such flags. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
const readLater = promisify(read);

/** Two trees that may have the same files. */
interface Trees {
  /** Native path that leads to the held local folder. */
  readonly top: Buffer;
  readonly entries: readonly TreeEntry[];
  readonly there: ReadonlyMap<string, TreeEntry>;
  /** The folder on the executor. */
  readonly root: PathUri;
  readonly signal: AbortSignal;
}

interface Range {
  readonly path: Buffer;
  readonly offset: number;
  readonly length: number;
}

/** Keys of files that have the same content here and there, by their digests. Nothing of them is moved. */
export async function sameContent(
  calls: Pick<TreeCalls, "digestFiles">,
  { top, entries, there, root, signal }: Trees,
): Promise<Set<string>> {
  using folders = new OpenFolders(top);
  const candidates = entries.filter(({ path, kind, size }) => {
    const other = there.get(keyOf(path));
    return kind === "file" && other?.kind === "file" && other.size === size;
  });
  const same = new Set(candidates.map(({ path }) => keyOf(path)));
  let ranges = candidates.flatMap(({ path, size }) => rangesOf(path, size));
  while (ranges.length > 0) {
    const asked = ranges.slice(0, RANGES_MAX);
    const params = asked.map(({ path, offset, length }) => ({ name: nameOfPath(path), offset, length }));
    const { digests } = await calls.digestFiles({ root, ranges: params }, { signal });
    if (digests.length === 0) throw new TransferError("the executor answers no digest of what it was asked for");
    for (const [index, { sha256, length }] of digests.entries()) {
      const range = asked[index];
      if (range === undefined || !same.has(keyOf(range.path))) continue;
      const own = await digestOf(folders, range, signal);
      const other = sha256 === null ? undefined : Buffer.from(sha256, "hex");
      if (own === undefined || other?.equals(own) !== true || length !== range.length) same.delete(keyOf(range.path));
    }
    // What is known to differ need not be read to its end.
    ranges = ranges.slice(digests.length).filter(({ path }) => same.has(keyOf(path)));
  }
  return same;
}

function rangesOf(path: Buffer, size: number): Range[] {
  const ranges: Range[] = [];
  for (let offset = 0; offset === 0 || offset < size; offset += RANGE_BYTES) {
    ranges.push({ path, offset, length: Math.min(RANGE_BYTES, size - offset) });
  }
  return ranges;
}

/** Undefined where it can not be read, or has become shorter. */
async function digestOf(
  folders: OpenFolders,
  { path, offset, length }: Range,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  let fd: number | undefined;
  try {
    fd = openSync(folders.at(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return undefined;
    const hash = createHash("sha256");
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, length));
    for (let done = 0; done < length; ) {
      signal.throwIfAborted();
      const { bytesRead } = await readLater(fd, block, 0, Math.min(block.byteLength, length - done), offset + done);
      if (bytesRead === 0) return undefined;
      hash.update(block.subarray(0, bytesRead));
      done += bytesRead;
    }
    return hash.digest();
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
