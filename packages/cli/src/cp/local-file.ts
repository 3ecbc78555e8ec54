import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  descendWithoutLinks,
  isSameFile,
  joinPath,
  type PinnedDirectory,
  pathNames,
  pinDirectory,
  splitPath,
  systemCalls,
} from "@holdfast/executor/held-folders";
import { CommandFailure } from "../command-line/failure.ts";
import { copyFailure, refuseFolder, refuseTarget } from "./copy-failure.ts";
import { localKind } from "./local-kind.ts";
import { isOnlyInPlace, openInPlace, replaceLocal, writeInPlace } from "./replace-local.ts";
import { PERMISSION_BITS, type Transfer } from "./transfer.ts";
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
 * Settle the final name: into a folder under the source's name. A link that the user named stands for its target; one under
 * the source's name is refused, as anybody may have put it there.
 *
 * @param sourceName - Asked only where it is needed.
 */
export async function localPlace(
  { cwd, destination }: Pick<Transfer, "cwd" | "destination">,
  sourceName: () => Buffer,
): Promise<LocalPlace> {
  const { text } = destination;
  const asked = Buffer.from(resolve(cwd, destination.path));
  const kind = await localKind(asked, text, { followLinks: true });
  if (kind === "folder") return placeInFolder(asked, sourceName(), text);
  if (destination.path.endsWith("/")) throw new CommandFailure(`${text} is no folder`);
  if (kind === "absent") {
    const folder = await holding(text, () => pinDirectory(systemCalls, splitPath(asked).parent, { noFollow: false }));
    return placeIn(folder, splitPath(asked).name, undefined);
  }
  if (kind !== "file") throw refuseTarget(text);
  const target = await holding(text, () => systemCalls.realpath(asked));
  const { parent, name } = splitPath(target);
  // What leads there has been followed once, and must not be led anywhere else now.
  const folder = await holding(text, () => descendWithoutLinks(systemCalls, pathNames(parent)));
  return placeFile(folder, name, text);
}

async function placeInFolder(asked: Buffer, name: Buffer, text: string): Promise<LocalPlace> {
  const shown = join(text, showPath(name));
  const folder = await holding(text, () => pinDirectory(systemCalls, asked, { noFollow: false }));
  return placeFile(folder, name, shown);
}

async function placeFile(folder: PinnedDirectory, name: Buffer, text: string): Promise<LocalPlace> {
  try {
    const path = joinPath(folder.path, name);
    const kind = await localKind(path, text, { followLinks: false });
    if (kind === "folder") throw refuseFolder(text);
    if (kind === "special") throw refuseTarget(text);
    if (kind === "link") {
      throw new CommandFailure(`${text} is a link, and none is followed there; name it in full to write its target`);
    }
    return placeIn(folder, name, kind === "file" ? Number((await systemCalls.lstat(path)).mode) : undefined);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

function placeIn(folder: PinnedDirectory, name: Buffer, mode: number | undefined): LocalPlace {
  return {
    path: joinPath(folder.path, name),
    folder: folder.path,
    formerMode: mode === undefined ? undefined : mode & PERMISSION_BITS,
    [Symbol.asyncDispose]: () => folder.close(),
  };
}

async function holding<T>(text: string, hold: () => Promise<T>): Promise<T> {
  try {
    return await hold();
  } catch (error) {
    throw copyFailure(`cannot write ${text}`, error);
  }
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
