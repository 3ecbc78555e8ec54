import { type Dirent, lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { mayBeAlive, startTimeOf } from "./folder-owner.ts";

const FOLDER_NAME = /^holdfast-([1-9]\d*)-(\d+)-[0-9a-f]{8}$/;
const FILE_NAME = /^[1-9]\d*\.spool$/;

/** The name of a folder that belongs to this process. */
export function folderName(random: string): string {
  return `holdfast-${process.pid}-${startTimeOf(process.pid)}-${random}`;
}

/** The name of a file in such a folder. */
export function fileName(number: number): string {
  return `${number}.spool`;
}

/**
 * Remove what executors left in `directory` that are gone.
 *
 * Only what is theirs by its name, its owner and its kind goes; no link is followed. What can't be removed stays.
 */
export function removeStaleFolders(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const [, pid, startTime] = FOLDER_NAME.exec(entry.name) ?? [];
    if (pid === undefined || startTime === undefined) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory() && isOwn(path) && !mayBeAlive(Number(pid), startTime)) removeFolder(path);
  }
}

/** Remove a folder with its spool files; it stays when it holds anything else. */
export function removeFolder(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) if (isSpoolFile(path, entry)) unlink(path, entry);
    rmdirSync(path);
  } catch {
    // Gone, or not only ours.
  }
}

function isSpoolFile(folder: string, entry: Dirent): boolean {
  return FILE_NAME.test(entry.name) && entry.isFile() && isOwn(join(folder, entry.name));
}

function unlink(folder: string, entry: Dirent): void {
  unlinkSync(join(folder, entry.name));
}

function isOwn(path: string): boolean {
  try {
    return lstatSync(path).uid === process.geteuid?.();
  } catch {
    return false;
  }
}
