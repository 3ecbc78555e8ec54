import { FileTransferError } from "../errors.ts";
import type { RemoteFileHandle } from "./file-handle.ts";
import { isLostLine, LostLines } from "./lost-line.ts";
import { readAhead } from "./read-ahead.ts";

/** What tells one state of a file from another. */
export interface FileVersion {
  readonly size: number;
  readonly modifiedAtMs: number;
}

/** A file that can be opened again when its connection was lost. */
export interface FileSource {
  readonly open: (signal: AbortSignal) => Promise<RemoteFileHandle>;
  /** Undefined when the executor does not tell: then the file is not gone on with on another line. */
  readonly version: (signal: AbortSignal) => Promise<FileVersion | undefined>;
}

/**
 * The bytes of a file from `offset` to `end`, block by block, across lost lines. The file is closed however it ends.
 *
 * @throws FileTransferError - `changed`: it is another file, or has another size or time, since the connection was lost.
 */
export async function* fileBlocks(
  source: FileSource,
  { offset, end }: { readonly offset: number; readonly end: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const lostLines = new LostLines();
  let position = offset;
  let known: FileVersion | undefined;
  let isFirst = true;
  for (;;) {
    let handle: RemoteFileHandle | undefined;
    try {
      const [opened, version] = await openWithVersion(source, signal);
      handle = opened;
      if (isFirst) known = version;
      else checkVersion(known, version);
      isFirst = false;
      for await (const data of readAhead(handle, { offset: position, end, size: version?.size, signal })) {
        position += data.byteLength;
        yield data;
      }
      return;
    } catch (error) {
      if (!isFirst && known === undefined) throw error;
      lostLines.survive(error, position - offset);
    } finally {
      // Nothing depends on the answer, and waiting for it would cost a round trip.
      handle?.close().catch(() => {});
    }
  }
}

async function openWithVersion(
  source: FileSource,
  signal: AbortSignal,
): Promise<[RemoteFileHandle, FileVersion | undefined]> {
  const opening = source.open(signal);
  const asking = source.version(signal).catch((error: unknown) => {
    if (isLostLine(error)) throw error;
    return undefined;
  });
  const [handle, version] = await Promise.allSettled([opening, asking]);
  if (handle.status === "rejected") throw handle.reason;
  if (version.status === "fulfilled") return [handle.value, version.value];
  handle.value.close().catch(() => {});
  throw version.reason;
}

function checkVersion(known: FileVersion | undefined, now: FileVersion | undefined): void {
  if (known !== undefined && now?.size === known.size && now.modifiedAtMs === known.modifiedAtMs) return;
  throw new FileTransferError("changed", "the file changed on the executor while the connection was lost");
}
