import type { FileView, Machine } from "../machine.ts";
import type { MountList } from "./mount-list.ts";
import { hide } from "./mount-rules.ts";
import { isWithin, parentOf } from "./native-path.ts";

/**
 * Hide what no command may see, regardless of its permissions. To be called last.
 *
 * @param showsDevices - Is `/dev` that of the machine, shared memory included? Else it is the sandbox's own, and empty.
 */
export function hidePlaces(mounts: MountList, machine: Machine, files: FileView, showsDevices: boolean): void {
  for (const place of machine.hiddenPlaces ?? []) {
    const path = files.realpath(place);
    if (path === undefined) continue;
    if (isVisible(path, mounts, showsDevices)) hide(mounts, path, false, files);
  }
}

function isVisible(path: string, mounts: MountList, showsDevices: boolean): boolean {
  if (!isWithin(path, "/dev")) return mounts.accessOf(path) !== "deny";
  // What a rule shows below `/dev` is the machine's in any case.
  for (let each = path; each !== "/dev" && each !== "/"; each = parentOf(each)) {
    if (mounts.has(each)) return mounts.accessOf(each) !== "deny";
  }
  return showsDevices;
}
