import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of its own, or why there is none. */
export type SmallDisk =
  | { readonly path: string; readonly refuseWrites: () => void; readonly unmount: () => void }
  | { readonly reason: string };

/** Mount a disk in memory in a temporary folder. Needs Linux and root. */
export function mountSmallDisk(size: string): SmallDisk {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return { reason: "mounting a small disk needs Linux and root" };
  }
  const path = mkdtempSync(join(tmpdir(), "holdfast-disk-"));
  const mount = (...args: string[]): void => void execFileSync("mount", [...args, path], { stdio: "ignore" });
  try {
    mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs");
  } catch {
    rmSync(path, { recursive: true });
    return { reason: "this machine does not let root mount a tmpfs" };
  }
  return {
    path,
    refuseWrites: () => mount("-o", "remount,ro"),
    unmount: () => {
      execFileSync("umount", [path]);
      rmSync(path, { recursive: true });
    },
  };
}
