import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuseFolder, refuseLink, refuseTarget } from "./copy-failure.ts";
import { isSameFile, joinPath, type PinnedDirectory, systemCalls } from "./held-folders.ts";
import { localDestination } from "./local-destination.ts";
import { localKind } from "./local-kind.ts";
import { isOnlyInPlace, openInPlace, replaceLocal, writeInPlace } from "./replace-local.ts";
import { PERMISSION_BITS, type Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { showPath } from "./tree-entry.ts";

/** Windows has no such flag. */
const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;
const TEMPORARY_MODE = 0o600;

/** Where a file here will be: a name in a folder that is held open. */
export interface LocalPlace extends AsyncDisposable {
  /** Native path by way of the held folder. A link there is replaced, not followed. */
  readonly path: Buffer;
  readonly folder: Buffer;
  /** Permission bits of the file that is there; undefined where there is none. */
  readonly formerMode: number | undefined;
}

/**
 * Settle the final name: into a folder under the source's name. A link in either place is refused.
 *
 * @param sourceName - Asked only where it is needed.
 */
export async function localPlace(
  transfer: Pick<Transfer, "cwd" | "destination">,
  sourceName: () => Buffer,
): Promise<LocalPlace> {
  const { path, text } = transfer.destination;
  const { kind, folder, name } = await localDestination(transfer);
  try {
    if (kind === "folder") return await placeInFolder(folder, sourceName(), text);
    if (path.endsWith("/")) throw new TransferError(`${text} is no folder`);
    return await placeFile(folder, name, text);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

function placeInFolder(folder: PinnedDirectory, name: Buffer, text: string): Promise<LocalPlace> {
  return placeFile(folder, name, join(text, showPath(name)));
}

async function placeFile(folder: PinnedDirectory, name: Buffer, text: string): Promise<LocalPlace> {
  const path = joinPath(folder.path, name);
  const kind = await localKind(path, text, { followLinks: false });
  if (kind === "folder") throw refuseFolder(text);
  if (kind === "special") throw refuseTarget(text);
  if (kind === "link") throw refuseLink(text, (await systemCalls.readlink(path)).toString());
  return placeIn(folder, name, kind === "file" ? Number((await systemCalls.lstat(path)).mode) : undefined);
}

function placeIn(folder: PinnedDirectory, name: Buffer, mode: number | undefined): LocalPlace {
  return {
    path: joinPath(folder.path, name),
    folder: folder.path,
    formerMode: mode === undefined ? undefined : mode & PERMISSION_BITS,
    [Symbol.asyncDispose]: () => folder.close(),
  };
}

/** A file that is put together. Disposing removes it where it has not got its final name. */
export interface StagedFile extends AsyncDisposable {
  readonly handle: FileHandle;
  /** Put the whole file in its place. @param mode - Permission bits; a file that is written in place keeps its own. */
  putInPlace(mode: number): Promise<void>;
}

/** Begin a file beside its place; elsewhere, and without a name, where only the file that is there may be written. */
export async function stageFile(place: LocalPlace): Promise<StagedFile> {
  const path = joinPath(place.folder, Buffer.from(`.holdfast-${randomUUID()}`));
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, TEMPORARY_MODE);
  } catch (error) {
    if (!isOnlyInPlace(error)) throw error;
    return await stageElsewhere(place, await openInPlace(place.path, error));
  }
  return {
    handle,
    async putInPlace(mode) {
      await handle.chmod(mode);
      // A rename must never reach the disk before the bytes do.
      await handle.sync();
      const made = await systemCalls.fstat(handle.fd);
      const now = await systemCalls.lstat(path).catch(() => undefined);
      if (now === undefined || !isSameFile(now, made))
        throw new Error("something else writes in that folder, and took the name of the part");
      await replaceLocal(path, place.path, { isRegular: true });
    },
    async [Symbol.asyncDispose]() {
      await handle.close();
      await systemCalls.unlink(path).catch(() => {});
    },
  };
}

async function stageElsewhere(place: LocalPlace, target: FileHandle): Promise<StagedFile> {
  const path = join(tmpdir(), `.holdfast-${randomUUID()}`);
  const handle = await open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, TEMPORARY_MODE);
  await systemCalls.unlink(Buffer.from(path));
  return {
    handle,
    putInPlace: () => writeInPlace(handle, place.path, target),
    async [Symbol.asyncDispose]() {
      await handle.close();
      await target.close();
    },
  };
}
