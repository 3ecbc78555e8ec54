import { randomUUID } from "node:crypto";
import { renameSync } from "node:fs";
import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { secondsOf } from "./archive-entry.ts";
import { Breather } from "./breather.ts";
import { copyFailure, refuseLink, refuseTarget } from "./copy-failure.ts";
import { joinPath, pinDirectory, removeTree, systemCalls } from "./held-folders.ts";
import { HeldTree } from "./held-tree.ts";
import { localDestination } from "./local-destination.ts";
import { type LocalKind, localKind } from "./local-kind.ts";
import { OpenFolders } from "./open-folders.ts";
import type { Problems } from "./problems.ts";
import { isOnlyInPlace, replaceLocal } from "./replace-local.ts";
import type { Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import { foldersOf, showPath, type TreeEntry } from "./tree-entry.ts";

const STAGED_MODE = 0o700;
const STAGED_NAME = /^\.holdfast-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where a folder here will be, and where it is until it is whole. Disposing removes what is still staged. */
export interface LocalFolder extends AsyncDisposable {
  /** The folder that the copy is put together in, not to be entered by others. */
  readonly staged: HeldTree;
  /** What the copy is merged with; undefined where nothing is there. */
  readonly existing: HeldTree | undefined;
  /** Put the whole copy under its final name. Only where there is nothing to merge with. */
  moveIntoPlace(): Promise<void>;
}

/**
 * Settle the final place, and make the staged folder: into a folder under the source's name, unless only what is in it is
 * meant. A link in either place is refused.
 *
 * @param source.name - Asked only where it is needed.
 */
export async function localFolder(
  transfer: Pick<Transfer, "cwd" | "destination" | "problems">,
  source: { readonly name: () => Buffer; readonly isContents: boolean },
): Promise<LocalFolder> {
  const { text } = transfer.destination;
  const destination = await localDestination(transfer);
  const above = new HeldTree(destination.folder);
  try {
    if (destination.kind !== "folder") {
      refuseKind(destination.kind, text);
      return await openFolder(above, destination.name, transfer);
    }
    if (source.isContents) return await openFolder(above, undefined, transfer);
    const name = source.name();
    const entry = join(text, showPath(name));
    const kind = await localKind(joinPath(above.top, name), entry, { followLinks: false });
    if (kind === "link") throw refuseLink(entry, (await systemCalls.readlink(joinPath(above.top, name))).toString());
    refuseKind(kind, entry);
    return await openFolder(above, name, transfer);
  } catch (error) {
    await above.close();
    throw error;
  }
}

function refuseKind(kind: LocalKind, text: string): void {
  if (kind === "special") throw refuseTarget(text);
  if (kind === "file") throw new TransferError(`${text} is a file: a folder can not take its place`);
}

/** @param name - Name of the copy in the folder; undefined for the folder itself. */
async function openFolder(
  above: HeldTree,
  name: Buffer | undefined,
  { problems, destination: { text } }: Pick<Transfer, "problems" | "destination">,
): Promise<LocalFolder> {
  const stagedName = Buffer.from(`.holdfast-${randomUUID()}`);
  const existing = name === undefined ? above : await existingFolder(above, name);
  // Within what is there, so that it is the same file system; else beside the final name.
  const around = existing ?? above;
  const stagedPath = joinPath(around.top, stagedName);
  const others = await readdir(around.top, { encoding: "latin1" }).catch(() => []);
  for (const other of others.filter((each) => STAGED_NAME.test(each))) {
    const where = around === above && name !== undefined ? `beside ${text}` : `in ${text}`;
    problems.warn(
      `${other} ${where} is of another copy, or left by one that was killed: remove it if no other copy is going on there`,
    );
  }
  await systemCalls.mkdir(stagedPath, STAGED_MODE);
  const staged = new HeldTree(await pinDirectory(stagedPath, { noFollow: true }));
  return {
    staged,
    existing,
    moveIntoPlace: () => systemCalls.rename(stagedPath, joinPath(above.top, name ?? stagedName)),
    [Symbol.asyncDispose]: async () => {
      await staged.close();
      // Not there any more once it is in its place.
      await removeTree(stagedPath).catch(() => {});
      if (existing !== above) await existing?.close();
      await above.close();
    },
  };
}

async function existingFolder(above: HeldTree, name: Buffer): Promise<HeldTree | undefined> {
  const path = joinPath(above.top, name);
  const stats = await systemCalls.lstat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  return new HeldTree(await pinDirectory(path, { noFollow: true }));
}

/**
 * Move a staged copy into the folder that is there, entry by entry. A folder that can not be made, because a file or a link
 * stands there, is one problem; what is below it is left out.
 *
 * @returns the folders that are in place.
 */
export async function mergeLocalFolder(
  { staged, existing }: { readonly staged: HeldTree; readonly existing: HeldTree },
  entries: readonly TreeEntry[],
  { problems, signal }: Pick<Transfer, "problems" | "signal">,
): Promise<TreeEntry[]> {
  const places = new PlacedFolders();
  for (const entry of foldersOf(entries)) {
    if (!places.hasFolderOf(entry.path)) continue;
    await merging(entry.path, problems, async () => {
      await makeFolder(existing, entry.path);
      places.add(entry);
    });
  }
  using from = new OpenFolders(staged.top);
  using to = new OpenFolders(existing.top);
  const breather = new Breather();
  for (const { path, kind } of entries) {
    if (kind === "folder" || !places.hasFolderOf(path)) continue;
    const due = breather.due();
    if (due !== undefined) {
      await due;
      signal.throwIfAborted();
    }
    await merging(path, problems, async () => {
      try {
        renameSync(from.at(path), to.at(path));
      } catch (error) {
        if (kind !== "file" || !isOnlyInPlace(error)) throw error;
        await staged.at(path, (old) => existing.at(path, (now) => replaceLocal(old, now, { isRegular: true })));
      }
    });
  }
  return places.folders;
}

/** Times and permission bits, the deepest first: nothing more goes into them, and a folder that may not be written takes no files. */
export async function setFolderModes(tree: HeldTree, entries: readonly TreeEntry[], problems: Problems): Promise<void> {
  const top = entries.filter(({ kind, path }) => kind === "folder" && path.byteLength === 0);
  for (const { path, mode, modifiedNs } of [...top, ...foldersOf(entries)].toReversed()) {
    try {
      // What the held folder is known by leads to it alone, and never through a link.
      await tree.within(path, async (folder) => {
        if (modifiedNs !== undefined) await utimes(folder, secondsOf(modifiedNs), secondsOf(modifiedNs));
        await systemCalls.chmod(folder, mode ?? 0o777 & ~process.umask());
      });
    } catch (error) {
      problems.report(copyFailure(`cannot set the permission bits of ${showPath(path)}`, error).message);
    }
  }
}

/** Folders that are where they are meant to be. */
export class PlacedFolders {
  readonly #paths = new Set([""]);
  readonly folders: TreeEntry[] = [];

  add(entry: TreeEntry): void {
    this.#paths.add(entry.path.toString("latin1"));
    this.folders.push(entry);
  }

  /** Is the folder that holds this entry one of them? */
  hasFolderOf(path: Buffer): boolean {
    return this.#paths.has(path.toString("latin1", 0, Math.max(0, path.lastIndexOf("/"))));
  }
}

/** A link to a folder is none: what is copied must not be led away by one. */
async function makeFolder(tree: HeldTree, path: Buffer): Promise<void> {
  const refusal = await tree.at(path, systemCalls.mkdir).then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    await tree.remember(path);
  } catch (error) {
    throw refusal ?? error;
  }
}

async function merging(path: Buffer, problems: Problems, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    problems.report(copyFailure(`cannot put ${showPath(path)} in place`, error).message);
  }
}
