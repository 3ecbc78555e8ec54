import type { LinuxMeans, Machine } from "../machine.ts";
import { MAX_SHARED_MEMORY_BYTES } from "./limits.ts";
import type { MountList } from "./mount-list.ts";

/** As for `/tmp`: every user may make something, and removes only their own. */
const SHARED_MODE = "1777";
/** What a profile says nothing about must not take the machine's memory. */
const SHARE_OF_MEMORY = 4;

/** Mount a `/dev` of the sandbox's own, in which shared memory is the machine's: for who may write everywhere. */
export function mountDevicesWithSharedMemory(mounts: MountList): void {
  mountDevices(mounts);
  mounts.frame({ path: "/dev/shm", access: "write", kind: "show" }, "--bind-try", "/dev/shm", "/dev/shm");
}

/**
 * Mount a `/dev` of the sandbox's own, with shared memory of its own: both are memory of the machine, which a command could
 * fill. An old bubblewrap can't limit it; there, half of the machine's memory is the kernel's limit for each sandbox.
 */
export function mountOwnDevices(mounts: MountList, { bubblewrap }: LinuxMeans, { memoryBytes }: Machine): void {
  mountDevices(mounts);
  if (bubblewrap.canLimitMemoryFiles !== true) return;
  const share = memoryBytes === undefined ? MAX_SHARED_MEMORY_BYTES : Math.floor(memoryBytes / SHARE_OF_MEMORY);
  const size = String(Math.min(share, MAX_SHARED_MEMORY_BYTES));
  const words = ["--perms", SHARED_MODE, "--size", size, "--tmpfs", "/dev/shm"];
  mounts.frame({ path: "/dev/shm", access: "write", kind: "own" }, ...words);
}

/** Words that let nothing be put into such a `/dev` any more. To come last. */
export function sealedDevices({ bubblewrap }: LinuxMeans): readonly string[] {
  return bubblewrap.canLimitMemoryFiles === true ? ["--remount-ro", "/dev"] : [];
}

function mountDevices(mounts: MountList): void {
  mounts.frame({ path: "/dev", access: "write", kind: "own" }, "--dev", "/dev");
}
