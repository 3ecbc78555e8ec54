import { type FileHandle, open } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { displayPath } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { copyFailure, refuseFolder } from "./copy-failure.ts";
import type { Progress } from "./progress-bar.ts";
import { putInPlace, remoteDestination } from "./remote-destination.ts";
import { openRemoteSink, type RemoteSink } from "./remote-sink.ts";
import { BLOCK_BYTES, PERMISSION_BITS, type Transfer } from "./transfer.ts";

/** Copy a local file to the executor. */
export async function upload(transfer: Transfer): Promise<void> {
  const { executor, source, destination, signal } = transfer;
  const path = resolve(transfer.cwd, source.path);
  await using file = await openSource(path, source.text);
  const { mode, size } = await file.stat();
  const place = await remoteDestination(executor, destination, basename(path));
  try {
    const copied = await send(file, transfer, place.temporary, size);
    await checkSize(transfer, place.temporary, copied);
    signal.throwIfAborted();
    await putInPlace(executor, place, mode & PERMISSION_BITS);
  } catch (error) {
    await executor.fs.remove(place.temporary, { force: true }).catch(() => {});
    throw copyFailure(`cannot write remote:${displayPath(place.final)}`, error);
  }
}

async function openSource(path: string, text: string): Promise<FileHandle> {
  try {
    const file = await open(path, "r");
    const stats = await file.stat();
    if (stats.isFile()) return file;
    await file.close();
    throw stats.isDirectory() ? refuseFolder(text) : new CommandFailure(`${text} is no regular file`);
  } catch (error) {
    throw copyFailure(`cannot read ${text}`, error);
  }
}

async function send(
  file: FileHandle,
  transfer: Transfer,
  temporary: Parameters<typeof openRemoteSink>[1],
  size: number,
): Promise<number> {
  await using sink = await openRemoteSink(transfer.executor, temporary);
  using progress = transfer.progress(transfer.source.text, size);
  return await pump(file, sink, progress, transfer.signal);
}

async function pump(file: FileHandle, sink: RemoteSink, progress: Progress, signal: AbortSignal): Promise<number> {
  let copied = 0;
  for (;;) {
    signal.throwIfAborted();
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(BLOCK_BYTES), 0, BLOCK_BYTES, copied);
    if (bytesRead === 0) break;
    await sink.write(buffer.subarray(0, bytesRead));
    copied += bytesRead;
    progress.advance(bytesRead);
  }
  await sink.end();
  return copied;
}

async function checkSize({ executor }: Transfer, temporary: string, copied: number): Promise<void> {
  const { size } = await executor.fs.metadata(temporary);
  if (size !== copied) throw new CommandFailure(`the executor has ${size} of ${copied} bytes; try again`);
}
