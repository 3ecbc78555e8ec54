import type { FileView, Machine } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { AccessTree } from "./access-tree.ts";
import { isWithin } from "./native-path.ts";
import type { NativeRule } from "./native-rules.ts";

/**
 * What commands must not change because it confines them, or runs unconfined later: the wrapper, and the program that starts
 * it. Read-only wherever a profile would let it be written, also for root.
 *
 * @throws SandboxError `unenforceable` where a profile grants writing to such a place itself, or to a part of it.
 */
export function ownPlaceRules(
  { ownPlaces = [] }: Machine,
  wrapper: string,
  tree: AccessTree,
  files: FileView,
): readonly NativeRule[] {
  const places = new Set<string>();
  const writable = tree.rules().filter(({ access }) => access === "write");
  for (const named of [wrapper, ...ownPlaces]) {
    // They are told without links. A command could only make one on the way where it may write, and finds mounts in its way there.
    if (!writable.some((rule) => isWithin(named, rule.path) || isWithin(rule.path, named))) continue;
    const path = files.realpath(named);
    if (path === undefined) continue;
    const granted = writable.find((rule) => isWithin(rule.path, path));
    if (granted !== undefined) throw replaceable(granted.path, path);
    if (tree.accessOf(path) === "write") places.add(path);
  }
  return [...places].map((path) => ({ path, access: "read" }));
}

function replaceable(granted: string, own: string): SandboxError {
  const place = granted === own ? own : `${granted} in ${own}`;
  const mend = "keep what they may write apart from the installation";
  return new SandboxError(
    "unenforceable",
    `commands with these permissions could change ${place}, which confines them: ${mend}`,
  );
}
