import type { FileView, Machine } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { AccessTree } from "./access-tree.ts";
import { isWithin } from "./native-path.ts";
import type { NativeRule } from "./native-rules.ts";
import { resolveLinks } from "./resolve-links.ts";

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
  for (const named of [wrapper, ...ownPlaces]) {
    const { path, firstMissing } = resolveLinks(named, files);
    if (firstMissing !== undefined) continue;
    const granted = tree.rules().find((rule) => rule.access === "write" && isWithin(rule.path, path));
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
