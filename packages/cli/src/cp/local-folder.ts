import { randomUUID } from "node:crypto";
import { lstat, mkdir, realpath, rename, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { CommandFailure } from "../command-line/failure.ts";
import { copyFailure, refuseTarget } from "./copy-failure.ts";
import type { Problems } from "./problems.ts";
import type { Transfer } from "./transfer.ts";
import { foldersOf, joinBytes, showPath, type TreeEntry } from "./tree-entry.ts";

/** Where a folder here will be, and where it is until it is whole. */
export interface LocalFolder {
  readonly final: Buffer;
  readonly isThere: boolean;
  /** Beside it, so that putting it in place is a rename. */
  readonly staged: Buffer;
}

/** Settle the final name: into a folder under the source's name, unless only what is in it is meant. */
export async function localFolder(
  { cwd, destination }: Pick<Transfer, "cwd" | "destination">,
  source: { readonly name: Buffer; readonly isContents: boolean },
): Promise<LocalFolder> {
  const asked = resolve(cwd, destination.path);
  const askedIsThere = await isFolder(Buffer.from(asked), destination.text);
  const named = askedIsThere && !source.isContents ? joinBytes(Buffer.from(asked), source.name) : Buffer.from(asked);
  const isThere = await isFolder(named, destination.text);
  const final = isThere ? await realpath(named, { encoding: "buffer" }) : named;
  const parent = final.subarray(0, Math.max(1, final.lastIndexOf("/")));
  return { final, isThere, staged: joinBytes(parent, Buffer.from(`.holdfast-${randomUUID()}`)) };
}

async function isFolder(path: Buffer, text: string): Promise<boolean> {
  const stats = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw copyFailure(`cannot write ${text}`, error);
  });
  if (stats === undefined || stats.isDirectory()) return stats !== undefined;
  if (!stats.isFile()) throw refuseTarget(text);
  throw new CommandFailure(`${text} is a file: a folder can not take its place`);
}

/** Put a staged folder under its final name: at once where nothing is there, else file by file. */
export async function settleLocalFolder(
  folder: LocalFolder,
  entries: readonly TreeEntry[],
  problems: Problems,
): Promise<void> {
  if (!folder.isThere) return rename(folder.staged, folder.final);
  for (const { path } of foldersOf(entries)) await merging(path, problems, () => makeFolder(folder, path));
  for (const { path, kind } of entries) {
    if (kind === "folder") continue;
    await merging(path, problems, () => rename(joinBytes(folder.staged, path), joinBytes(folder.final, path)));
  }
}

/** A link to a folder is none: what is copied must not be led away by one. */
async function makeFolder(folder: LocalFolder, path: Buffer): Promise<void> {
  const final = joinBytes(folder.final, path);
  try {
    await mkdir(final);
  } catch (error) {
    if (!(await lstat(final)).isDirectory()) throw error;
  }
}

async function merging(path: Buffer, problems: Problems, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    problems.report(copyFailure(`cannot put ${showPath(path)} in place`, error).message);
  }
}

export const nameOf = (path: Buffer): Buffer => path.subarray(path.lastIndexOf("/") + 1);
