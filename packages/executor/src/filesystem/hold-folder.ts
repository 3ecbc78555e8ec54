import { withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory } from "./pinned-parent.ts";

/** Hold the folder that a path leads to. @throws FileSystemFault what the system says: it is missing, or no folder. */
export function holdFolder(path: Buffer, calls: OsCalls = systemCalls): Promise<PinnedDirectory> {
  return withFaults(() => pinDirectory(calls, checkedPath(path), { noFollow: false }));
}
