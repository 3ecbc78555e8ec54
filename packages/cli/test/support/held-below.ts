import { readdirSync, readlinkSync } from "node:fs";

/** Places below a folder that a process holds open, with a name or without. Linux only. */
export function heldBelow(pid: number | undefined, folder: string): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
      return target.startsWith(`${folder}/`) ? [target] : [];
    } catch {
      return [];
    }
  });
}
