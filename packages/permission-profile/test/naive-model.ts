import { conventionOf, displayPath, join, lexicalDepth, type PathUri, startsWith } from "@holdfast/path-uri";
import {
  type FileSystemAccessMode,
  hasFullDiskWrite,
  type ParsedFileSystemSandboxEntry,
  type PolicyBinding,
  type RestrictedFileSystemPolicy,
} from "@holdfast/permission-profile";
import { posix } from "./policies.ts";

/*
 * The rules of access once more, for POSIX machines, written as they are told and without any regard to speed: every question
 * walks over every entry.
 */

interface Grant {
  readonly path: PathUri;
  readonly access: FileSystemAccessMode;
}

/** The access to one path. */
export function naiveAccess(
  policy: RestrictedFileSystemPolicy,
  binding: PolicyBinding,
  target: PathUri,
): FileSystemAccessMode {
  if (conventionOf(target) !== "posix" || lexicalDepth(target) === undefined) return "deny";
  const grants = policy.entries.flatMap((entry) => naiveGrants(entry, binding));
  const access = deepestAccess(grants, target);
  if (access === "deny" || policy.entries.some((entry) => isDeniedByGlob(entry, binding, target))) return "deny";
  if (access === "write" && !hasFullDiskWrite(policy, "posix") && isProtected(grants, target)) return "read";
  return access;
}

function deepestAccess(grants: readonly Grant[], target: PathUri): FileSystemAccessMode {
  const containing = grants.filter(({ path }) => startsWith(target, path));
  const depth = Math.max(-1, ...containing.map(({ path }) => lexicalDepth(path) ?? -1));
  const accesses = containing.filter(({ path }) => lexicalDepth(path) === depth).map(({ access }) => access);
  if (accesses.length === 0 || accesses.includes("deny")) return "deny";
  return accesses.includes("write") ? "write" : "read";
}

/** Every writable root that contains the target protects its names, unless a write entry inside the name contains the target. */
function isProtected(grants: readonly Grant[], target: PathUri): boolean {
  const writes = grants.filter(({ access }) => access === "write");
  const writableRoots = writes.filter(
    ({ path }) => startsWith(target, path) && deepestAccess(grants, path) === "write",
  );
  return writableRoots.some(({ path }) =>
    [".git", ".agents", ".codex", ".aws"].some((name) => {
      const metadata = join(path, name);
      const isReopened = writes.some((write) => startsWith(target, write.path) && startsWith(write.path, metadata));
      return startsWith(target, metadata) && !isReopened;
    }),
  );
}

function naiveGrants({ path, access }: ParsedFileSystemSandboxEntry, binding: PolicyBinding): Grant[] {
  if (path.type === "glob_pattern") return [];
  if (path.type === "path") return [{ path: path.path, access }];
  const { value } = path;
  if (value.kind === "root") return [{ path: posix("/"), access }];
  if (value.kind === "tmpdir") return binding.tmpdir.map((folder) => ({ path: folder, access }));
  if (value.kind === "slash_tmp") return binding.slashTmp === undefined ? [] : [{ path: binding.slashTmp, access }];
  if (value.kind !== "project_roots") return [];
  const subpath = value.subpath ?? "";
  const isUnsafe = subpath.startsWith("/") || subpath.split("/").some((part) => part === "." || part === "..");
  if (isUnsafe)
    return access === "write" ? [] : binding.workspaceRoots.map((folder) => ({ path: folder, access: "deny" }));
  return binding.workspaceRoots.map((folder) => ({ path: join(folder, subpath), access }));
}

function isDeniedByGlob(
  { path, access }: ParsedFileSystemSandboxEntry,
  binding: PolicyBinding,
  target: PathUri,
): boolean {
  if (path.type !== "glob_pattern" || access !== "deny") return false;
  const { pattern } = path;
  const isAbsolute = pattern.startsWith("/");
  const base = pattern.startsWith("~/") ? binding.home : isAbsolute ? posix("/") : binding.cwd;
  const segments = pattern.replace(/^~?\//, "").split("/");
  if (base === undefined || !startsWith(target, base)) return false;
  const names = displayPath(target).split("/").filter(Boolean).slice(lexicalDepth(base));
  return names.some((_, end) => matchesNames(segments, names.slice(0, end + 1)));
}

function matchesNames(segments: readonly string[], names: readonly string[]): boolean {
  const [segment, ...rest] = segments;
  if (segment === undefined) return names.length === 0;
  if (segment === "**" && rest.length === 0) return names.length > 0;
  if (segment === "**") return names.some((_, skip) => matchesNames(rest, names.slice(skip))) || matchesNames(rest, []);
  const [name, ...others] = names;
  return name !== undefined && matchesName([...segment], [...name]) && matchesNames(rest, others);
}

function matchesName(pattern: readonly string[], name: readonly string[]): boolean {
  const [char, ...rest] = pattern;
  if (char === undefined) return name.length === 0;
  if (char === "*") return matchesName(rest, name) || (name.length > 0 && matchesName(pattern, name.slice(1)));
  if (name.length === 0) return false;
  if (char !== "[") return (char === "?" || char === name[0]) && matchesName(rest, name.slice(1));
  const end = rest.indexOf("]");
  return rest.slice(0, end).includes(name[0] ?? "") && matchesName(rest.slice(end + 1), name.slice(1));
}
