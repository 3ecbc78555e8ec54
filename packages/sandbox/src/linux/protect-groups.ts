import type { FileView } from "../machine.ts";
import type { MountList } from "./mount-list.ts";
import { isWithin } from "./native-path.ts";

/**
 * Keep a command from leaving its control group, and from changing it: what shows the groups can be read and not written, regardless
 * of the permissions. To be called when everything else is mounted.
 */
export function protectGroups(mounts: MountList, mountPoints: readonly string[], files: FileView): void {
  for (const path of mountPoints) {
    const inside = mounts.placements.flatMap((each) => (isWithin(each.path, path) ? [mounts.accessOf(each.path)] : []));
    const isWritable = mounts.accessOf(path) === "write" || inside.includes("write");
    if (!isWritable || files.kindOf(path) !== "directory") continue;
    // What is hidden in it would be seen again.
    if (inside.includes("deny")) mounts.hideFolder(path, false);
    else mounts.show(path, "read");
  }
}
