import { type FileHandle, open } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { displayPath } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { copyFailure, refuseFolder } from "./copy-failure.ts";
import { remoteDestination } from "./remote-destination.ts";
import { sendFile } from "./send-file.ts";
import { PERMISSION_BITS, type Transfer } from "./transfer.ts";

/** Copy a local file to the executor. */
export async function upload(transfer: Transfer): Promise<void> {
  const { executor, source, destination, problems } = transfer;
  const path = resolve(transfer.cwd, source.path);
  await using file = await openSource(path, source.text);
  const { mode, size } = await file.stat();
  const { final } = await remoteDestination(executor, destination, basename(path));
  using progress = transfer.progress(source.text, size);
  const onModeRefused = (): void => problems.warn(`${destination.text}: its permission bits could not be set there`);
  try {
    await sendFile(file, transfer, final, { mode: mode & PERMISSION_BITS, onModeRefused, progress });
  } catch (error) {
    throw copyFailure(`cannot write remote:${displayPath(final)}`, error);
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
