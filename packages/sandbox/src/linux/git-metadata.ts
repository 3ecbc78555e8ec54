import type { FileFacts, FileView } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { AccessTree } from "./access-tree.ts";
import { isChangeable } from "./changeable.ts";
import { crossesLink } from "./effective-rules.ts";
import { gitlinksOf } from "./git-index.ts";
import { MAX_GIT_INDEX_BYTES, MAX_SUBMODULES } from "./limits.ts";
import { childOf, namesOf } from "./native-path.ts";
import { resolveLinks } from "./resolve-links.ts";

const MAX_POINTER_BYTES = 4_096;
const SHARED_INDEX = /^sharedindex\.[0-9a-f]+$/;

/**
 * What git reads besides the `.git` of a working tree when it works there, as far as commands could write to it: the
 * repository that a `.git` file points to, the one that a worktree shares with others, and the same of every submodule, with
 * its own `.git`. In all of them are settings and hooks that name programs to run.
 *
 * @param workTree - Absolute path of a folder that has a `.git`.
 * @returns files and folders that exist, without links.
 * @throws SandboxError `invalid` where commands could change a link on the way, `unenforceable` for an index too large to read.
 */
export function gitMetadata(workTree: string, tree: AccessTree, files: FileView): readonly string[] {
  const found = new Set<string>();
  const pending = [{ workTree, isSubmodule: false }];
  let submodules = 0;
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const own = childOf(next.workTree, ".git");
    if (next.isSubmodule) add(found, own, tree);
    const repository = files.kindOf(own) === "directory" ? own : pointed(own, tree, files);
    if (repository === undefined) continue;
    add(found, repository, tree);
    const shared = pointed(childOf(repository, "commondir"), tree, files);
    if (shared !== undefined) add(found, shared, tree);
    for (const path of submodulesOf(repository, files)) {
      const folder = submoduleFolder(next.workTree, path, files);
      if (folder === undefined || submodules >= MAX_SUBMODULES) continue;
      submodules += 1;
      pending.push({ workTree: folder, isSubmodule: true });
    }
  }
  return [...found];
}

/** What an entry grants by name is granted. */
function add(found: Set<string>, path: string, tree: AccessTree): void {
  if (tree.accessOf(path) === "write" && tree.at(path) !== "write") found.add(path);
}

/** The folder that a `.git` or `commondir` file names, where it exists. */
function pointed(pointer: string, tree: AccessTree, files: FileView): string | undefined {
  if (files.kindOf(pointer) !== "file") return undefined;
  const text = files.readText(pointer, MAX_POINTER_BYTES)?.trim() ?? "";
  const named = pointer.endsWith("/commondir") ? text : gitdirIn(text);
  if (named === "") return undefined;
  const path = named.startsWith("/") ? named : childOf(pointer.slice(0, pointer.lastIndexOf("/")), named);
  const target = resolveLinks(path, files);
  const link = target.links.find((each) => isChangeable(each.path, tree, files));
  if (link !== undefined) throw crossesLink({ path, access: "read" }, link.path, target.path);
  return files.kindOf(target.path) === "directory" ? target.path : undefined;
}

function gitdirIn(text: string): string {
  const [, key, value] = /^([^:]*):(.*)$/s.exec(text) ?? [];
  return key?.trim() === "gitdir" ? (value?.trim() ?? "") : "";
}

/** Where a submodule is checked out; over a link git does not go either. */
function submoduleFolder(workTree: string, path: string, files: FileView): string | undefined {
  const names = namesOf(path);
  if (path.startsWith("/") || names.some((name) => name === "." || name === ".." || name === ".git")) return undefined;
  const folder = names.reduce(childOf, workTree);
  const kind = files.kindOf(childOf(folder, ".git"));
  if (kind !== "file" && kind !== "directory") return undefined;
  return resolveLinks(folder, files).links.length === 0 ? folder : undefined;
}

/** An index that is split has most of its entries in another file beside it. */
function submodulesOf(repository: string, files: FileView): readonly string[] {
  const index = childOf(repository, "index");
  const facts = files.factsOf(index);
  if (facts === undefined) return [];
  const shared = files
    .list(repository)
    .filter(({ name }) => SHARED_INDEX.test(name))
    .map(({ name }) => childOf(repository, name));
  return [...new Set([index, ...shared].flatMap((path) => rememberedLinks(path, files)))];
}

interface KnownIndex {
  readonly stamp: string;
  readonly links: readonly string[];
}

const MAX_KNOWN_INDEXES = 64;
const known = new Map<string, KnownIndex>();

/** A large index takes some milliseconds to read, and most launches find the one that the last one found. */
function rememberedLinks(path: string, files: FileView): readonly string[] {
  const facts = files.factsOf(path);
  if (facts === undefined) return [];
  const stamp = stampOf(facts);
  const last = known.get(path);
  if (last?.stamp === stamp) return last.links;
  if (facts.size > MAX_GIT_INDEX_BYTES) {
    const limit = `larger than ${MAX_GIT_INDEX_BYTES} bytes`;
    throw new SandboxError("unenforceable", `the submodules in ${path} can not be protected: it is ${limit}`);
  }
  const links = gitlinksOf(files.readBytes(path, MAX_GIT_INDEX_BYTES) ?? new Uint8Array());
  known.delete(path);
  known.set(path, { stamp, links });
  for (const oldest of known.keys()) {
    if (known.size <= MAX_KNOWN_INDEXES) break;
    known.delete(oldest);
  }
  return links;
}

function stampOf({ device, inode, bornNs, size, changedNs }: FileFacts): string {
  return [device, inode, bornNs, size, changedNs].join(":");
}
