import type { FileView, Machine } from "../machine.ts";
import type { MountList } from "./mount-list.ts";

/** Switches of the whole machine. The kernel lets the user id 0 write them, capabilities or not. */
const SWITCHES = [
  "acpi",
  "asound",
  "dynamic_debug",
  "fs",
  "latency_stats",
  "mtrr",
  "pressure",
  "scsi",
  "sys",
  "sysrq-trigger",
] as const;

/** Give the command a `/proc` of its own processes, in which root changes nothing of the machine. */
export function mountProc(mounts: MountList, machine: Machine, files: FileView): void {
  const isFresh = machine.means.kind === "linux" && machine.means.bubblewrap.canMountProc;
  if (isFresh) mounts.frame({ path: "/proc", access: "read", kind: "own" }, "--proc", "/proc");
  if (machine.uid !== 0 || !(isFresh || mounts.accessOf("/proc") === "write")) return;
  for (const name of SWITCHES) {
    const path = `/proc/${name}`;
    if (files.kindOf(path) === undefined) continue;
    mounts.frame({ path, access: "read", kind: "show" }, "--ro-bind", path, path);
  }
}
