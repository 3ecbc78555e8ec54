import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from "node:fs";
import { promisify } from "node:util";
import { TAR_END, tarHeader, tarPadding } from "@holdfast/protocol-kit/tar";
import { archiveEntry } from "./archive-entry.ts";
import { Breather } from "./breather.ts";
import { copyFailure } from "./copy-failure.ts";
import { OpenFolders } from "./open-folders.ts";
import type { Problems } from "./problems.ts";
import { BLOCK_BYTES } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { showPath, type TreeEntry } from "./tree-entry.ts";

/** Windows has no such flags. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
/** What is read at once: more of a file is waited for, so that a slow disk keeps nobody waiting. */
const SHORT_BYTES = 256 * 1024;
const readLater = promisify(read);

/** What is packed, and how messages name it. */
export interface PackOptions {
  readonly text: string;
  readonly problems: Problems;
  readonly signal: AbortSignal;
  /** Told about the bytes of files that are in the archive. */
  readonly advance: (bytes: number) => void;
  /** Blocks whose memory may be used again. */
  readonly free?: Buffer[] | undefined;
  /** Take the sizes that were listed: the archive is then as long as {@link archiveBytes} says. */
  readonly isFixed?: boolean | undefined;
}

/**
 * The entries of a held local folder as a tar archive, in blocks of 1 MiB of which only the last is shorter. A file that grows
 * meanwhile is cut at the size that it had when it was opened, one that shrinks is filled with zeros, and told.
 *
 * @param top - Native path that leads to the held folder.
 */
export async function* packTree(
  top: Buffer,
  entries: readonly TreeEntry[],
  { text, problems, signal, advance, free = [], isFixed = false }: PackOptions,
): AsyncGenerator<Buffer, void, void> {
  using folders = new OpenFolders(top);
  const breather = new Breather();
  const named = new Map<string, Buffer>();
  const fresh = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let block = fresh();
  let filled = 0;
  const take = (): Buffer => {
    const whole = block.subarray(0, filled);
    block = fresh();
    filled = 0;
    return whole;
  };
  function* put(bytes: Uint8Array): Generator<Buffer, void, void> {
    for (let at = 0; at < bytes.byteLength; ) {
      const part = bytes.subarray(at, at + block.byteLength - filled);
      block.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled === block.byteLength) yield take();
    }
  }
  async function* putFile(entry: FileEntry): AsyncGenerator<Buffer, void, void> {
    const name = `${text}/${showPath(entry.path)}`;
    const original = entry.identity === undefined ? undefined : named.get(entry.identity);
    if (original !== undefined && !isFixed) return yield* put(tarHeader(archiveEntry(entry, { original })));
    let fd: number | undefined;
    try {
      let stats: Stats | undefined;
      try {
        [fd, stats] = openFile(folders.at(entry.path), name);
      } catch (error) {
        problems.report(copyFailure(`cannot copy ${name}`, error).message);
        if (!isFixed) return;
      }
      const size = isFixed ? entry.size : (stats?.size ?? 0);
      if (entry.identity !== undefined) named.set(entry.identity, entry.path);
      yield* put(tarHeader(archiveEntry({ ...entry, modifiedNs: entry.modifiedNs }, { size })));
      let left = size;
      for (let at = 0; left > 0 && fd !== undefined; ) {
        const most = Math.min(left, block.byteLength - filled);
        const got =
          most <= SHORT_BYTES
            ? readSync(fd, block, filled, most, at)
            : (await readLater(fd, block, filled, most, at)).bytesRead;
        if (got === 0) {
          problems.report(`${name} has become shorter while it was copied; copy it again`);
          break;
        }
        at += got;
        left -= got;
        filled += got;
        advance(got);
        if (filled === block.byteLength) yield take();
      }
      yield* putZeros(left);
      yield* putZeros(tarPadding(size));
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
  function* putZeros(bytes: number): Generator<Buffer, void, void> {
    for (let left = bytes; left > 0; ) {
      const some = Math.min(left, block.byteLength - filled);
      block.fill(0, filled, filled + some);
      filled += some;
      left -= some;
      if (filled === block.byteLength) yield take();
    }
  }
  for (const entry of entries) {
    const due = breather.due();
    if (due !== undefined) await due;
    signal.throwIfAborted();
    if (isFile(entry)) yield* putFile(entry);
    else if (entry.kind !== "special") yield* put(tarHeader(archiveEntry({ ...entry, kind: entry.kind as "folder" })));
  }
  yield* put(TAR_END);
  if (filled > 0) yield take();
}

type FileEntry = TreeEntry & { readonly kind: "file" };

function isFile(entry: TreeEntry): entry is FileEntry {
  return entry.kind === "file";
}

/** Of a regular file only: opening anything else could wait for ever. */
function openFile(path: Buffer, text: string): [number, Stats] {
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ELOOP") {
      throw new TransferError(`${text} has become a link, which is not followed here; copy it again`);
    }
    throw error;
  }
  const stats = fstatSync(fd);
  if (stats.isFile()) return [fd, stats];
  closeSync(fd);
  throw new TransferError(`${text} is no regular file any more: pipes, sockets and devices are not copied`);
}

/** Bytes of the archive that is packed from these entries with `isFixed`. */
export function archiveBytes(entries: readonly TreeEntry[]): number {
  let total = TAR_END.byteLength;
  for (const entry of entries) {
    if (entry.kind === "special") continue;
    const size = entry.kind === "file" ? entry.size : 0;
    total += tarHeader(archiveEntry({ ...entry, kind: entry.kind }, { size })).byteLength + size + tarPadding(size);
  }
  return total;
}
