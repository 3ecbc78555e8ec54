import { PROTECTED_METADATA_NAMES } from "@holdfast/permission-profile";
import type { FileView } from "../machine.ts";
import type { AccessTree } from "./access-tree.ts";
import { crossesLink } from "./effective-rules.ts";
import { childOf } from "./native-path.ts";
import type { NativeRule } from "./native-rules.ts";
import { resolveLinks } from "./resolve-links.ts";

const MAX_POINTER_BYTES = 4_096;

/** What stays read-only in the writable roots although no entry says so. */
export interface ProtectedMetadata {
  /** Names directly below the writable roots; missing ones must not come into being. */
  readonly names: ReadonlySet<string>;
  /** Repositories that a `.git` file points to, outside the names. */
  readonly pointerTargets: readonly NativeRule[];
}

/**
 * The metadata of every writable root that no entry grants by name.
 *
 * @throws SandboxError `invalid` where such a name is a link: commands could turn it elsewhere.
 */
export function protectedMetadata(tree: AccessTree, files: FileView): ProtectedMetadata {
  const names = new Set<string>();
  const pointerTargets: NativeRule[] = [];
  for (const root of tree.rules()) {
    if (root.access !== "write" || files.kindOf(root.path) !== "directory" || isMetadata(root.path, tree)) continue;
    for (const name of PROTECTED_METADATA_NAMES) {
      const path = childOf(root.path, name);
      if (tree.at(path) === "write" || tree.at(path) === "deny") continue;
      if (files.kindOf(path) === "symlink") throw crossesLink({ path, access: "read" }, path);
      names.add(path);
      const target = name === ".git" ? pointerTarget(root.path, path, tree, files) : undefined;
      if (target !== undefined) pointerTargets.push({ path: target, access: "read" });
    }
  }
  return { names, pointerTargets };
}

/** Metadata that an entry grants by name is no root with metadata of its own. */
function isMetadata(path: string, tree: AccessTree): boolean {
  const isNamed = PROTECTED_METADATA_NAMES.some((name) => path.endsWith(`/${name}`));
  return isNamed && tree.accessAbove(path) === "write";
}

/** The repository that a `.git` file names, where it exists and commands could write to it. */
function pointerTarget(root: string, pointer: string, tree: AccessTree, files: FileView): string | undefined {
  if (files.kindOf(pointer) !== "file") return undefined;
  const [, key, value] = /^([^:]*):(.*)$/s.exec(files.readText(pointer, MAX_POINTER_BYTES)?.trim() ?? "") ?? [];
  const named = value?.trim() ?? "";
  if (key?.trim() !== "gitdir" || named === "") return undefined;
  const path = named.startsWith("/") ? named : childOf(root, named);
  const target = resolveLinks(path, files);
  const link = target.links.find((each) => tree.accessOf(each.path) === "write");
  if (link !== undefined) throw crossesLink({ path, access: "read" }, link.path);
  const isGrantedByName = tree.at(target.path) === "write";
  const isOpen = target.firstMissing === undefined && !isGrantedByName && tree.accessOf(target.path) === "write";
  return isOpen && files.kindOf(target.path) === "directory" ? target.path : undefined;
}
