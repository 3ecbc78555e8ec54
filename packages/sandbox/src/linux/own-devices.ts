import type { LinuxMeans, Machine } from "../machine.ts";
import { MAX_SHARED_MEMORY_BYTES } from "./limits.ts";

/** As for `/tmp`: everybody may make something, and removes only what is theirs. */
const SHARED_MODE = "1777";
/** What a profile says nothing about must not take the machine's memory. */
const SHARE_OF_MEMORY = 4;

/**
 * Words for a `/dev` of the sandbox's own, with shared memory of its own: both are memory of the machine, which a command could
 * fill. An old bubblewrap can't limit it; there, half of the machine's memory is the kernel's limit for each sandbox.
 */
export function ownDevices({ bubblewrap }: LinuxMeans, { memoryBytes }: Machine): readonly string[] {
  if (bubblewrap.canLimitMemoryFiles !== true) return ["--dev", "/dev"];
  const share = memoryBytes === undefined ? MAX_SHARED_MEMORY_BYTES : Math.floor(memoryBytes / SHARE_OF_MEMORY);
  const size = String(Math.min(share, MAX_SHARED_MEMORY_BYTES));
  return ["--dev", "/dev", "--perms", SHARED_MODE, "--size", size, "--tmpfs", "/dev/shm"];
}

/** Words that let nothing be put into such a `/dev` any more. To come last. */
export function sealedDevices({ bubblewrap }: LinuxMeans): readonly string[] {
  return bubblewrap.canLimitMemoryFiles === true ? ["--remount-ro", "/dev"] : [];
}
