import { PROTECTED_METADATA_NAMES } from "@holdfast/permission-profile";
import type { FileView } from "../machine.ts";
import type { AccessTree } from "./access-tree.ts";
import { crossesLink } from "./effective-rules.ts";
import { gitMetadata } from "./git-metadata.ts";
import { childOf } from "./native-path.ts";
import type { NativeRule } from "./native-rules.ts";
import { resolveLinks } from "./resolve-links.ts";

/** What stays read-only in the writable roots although no entry says so. */
export interface ProtectedMetadata {
  /** Names directly below the writable roots; missing ones must not come into being. */
  readonly names: ReadonlySet<string>;
  /** What belongs to git and lies elsewhere. */
  readonly elsewhere: readonly NativeRule[];
}

/**
 * The metadata of every writable root that no entry grants by name.
 *
 * @throws SandboxError `invalid` where such a name is a link: commands could turn it elsewhere.
 */
export function protectedMetadata(tree: AccessTree, files: FileView): ProtectedMetadata {
  const names = new Set<string>();
  const elsewhere: NativeRule[] = [];
  for (const root of tree.rules()) {
    if (root.access !== "write" || files.kindOf(root.path) !== "directory" || isMetadata(root.path, tree)) continue;
    for (const name of PROTECTED_METADATA_NAMES) {
      const path = childOf(root.path, name);
      if (tree.at(path) === "write" || tree.at(path) === "deny") continue;
      if (files.kindOf(path) === "symlink") {
        throw crossesLink({ path, access: "read" }, path, resolveLinks(path, files).path);
      }
      names.add(path);
      if (name !== ".git") continue;
      for (const each of gitMetadata(root.path, tree, files)) elsewhere.push({ path: each, access: "read" });
    }
  }
  return { names, elsewhere: elsewhere.filter(({ path }) => !names.has(path)) };
}

/** Metadata that an entry grants by name is no root with metadata of its own. */
function isMetadata(path: string, tree: AccessTree): boolean {
  const isNamed = PROTECTED_METADATA_NAMES.some((name) => path.endsWith(`/${name}`));
  return isNamed && tree.accessAbove(path) === "write";
}
