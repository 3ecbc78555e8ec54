import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk that is soon full, or why there is none. */
export type SmallDisk =
  | {
      readonly path: string;
      /** From now on it can only be read. */
      refuseWrites(): void;
      unmount(): void;
    }
  | { readonly reason: string };

/** Mount a memory disk of so many KiB. Needs Linux and root. To be unmounted when the tests are done. */
export function mountSmallDisk(kibibytes: number): SmallDisk {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return { reason: "mounting a small disk needs Linux and root" };
  }
  const path = mkdtempSync(join(tmpdir(), "holdfast-disk-"));
  const mount = (...args: string[]): void => void execFileSync("mount", [...args, path], { stdio: "ignore" });
  // Only ever the folder made above.
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  try {
    mount("-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs");
  } catch {
    remove();
    return { reason: "this machine does not let root mount a tmpfs" };
  }
  const unmount = (): void => {
    execFileSync("umount", [path]);
    remove();
  };
  return { path, refuseWrites: () => mount("-o", "remount,ro"), unmount };
}
