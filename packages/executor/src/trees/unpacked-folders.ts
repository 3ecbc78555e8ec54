import { chmodSync, utimesSync } from "node:fs";
import { HeldChain } from "./held-chain.ts";

const PERMISSIONS = 0o777;

/** What a folder is to get once nothing more goes into it. */
export interface UnpackedFolder {
  /** From the root; empty: the root itself. */
  readonly name: Uint8Array;
  readonly mode: number;
  readonly modifiedSeconds: number;
  readonly modifiedNanoseconds: number;
}

/** As the calls take it. They have a double in between, which is good for a quarter of a microsecond. */
export function secondsOf(time: { readonly modifiedSeconds: number; readonly modifiedNanoseconds: number }): number {
  return time.modifiedSeconds + time.modifiedNanoseconds / 1e9;
}

/**
 * Give folders their permission bits and times, the deepest first: one that may not be entered any more leads nowhere.
 *
 * @param root - Names the held folder that they are in.
 * @returns whether all of it is set.
 */
export function settleFolders(root: Buffer, folders: readonly UnpackedFolder[]): boolean {
  const chain = new HeldChain(root, { makesMissing: false });
  let areAllSet = true;
  try {
    // In an archive a folder comes before what is in it.
    for (const folder of folders.toReversed()) {
      try {
        const path = chain.folder(Buffer.from(folder.name));
        const time = secondsOf(folder);
        utimesSync(path, time, time);
        chmodSync(path, folder.mode & PERMISSIONS);
      } catch {
        areAllSet = false;
      }
    }
  } finally {
    chain.close();
  }
  return areAllSet;
}
