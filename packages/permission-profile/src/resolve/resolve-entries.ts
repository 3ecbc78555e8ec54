import {
  ancestors,
  conventionOf,
  isPathUriError,
  joinDescendant,
  type PathConvention,
  type PathUri,
  pathUriFromNative,
} from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxEntry } from "../parse/parsed-types.ts";
import { asTheSystemReads, leavesRoot, namesOf } from "../paths/path-names.ts";
import { PermissionProfileError } from "../permission-profile-error.ts";
import type { FileSystemPolicy } from "../policy/file-system-policy.ts";
import type { FileSystemAccessMode, FileSystemSpecialPath } from "../types/file-system.ts";
import type { PolicyBinding } from "./policy-binding.ts";

/** One path that an entry means on the enforcing machine. */
export interface ResolvedEntry {
  readonly path: PathUri;
  /** Differs from that of the source where a subpath could leave its root: then the whole root is denied. */
  readonly access: FileSystemAccessMode;
  readonly entry: ParsedFileSystemSandboxEntry;
  /** Position of the entry in the policy. */
  readonly index: number;
  /** Drop it where the path does not exist. */
  readonly skipIfMissing: boolean;
}

/** What the entries of a policy may resolve to at most. Entries below workspace roots multiply with the roots. */
export const MAX_RESOLVED_ENTRIES = 50_000;

type Place = Pick<ResolvedEntry, "path" | "access"> & { readonly isWholeRoot?: true };

/**
 * The absolute paths that the entries mean on this machine, in the order of the entries and of the workspace roots. Patterns
 * and unknown places are left out, and so is every path of another convention. Empty for a policy that is not restricted.
 *
 * @throws PermissionProfileError when there are more than {@link MAX_RESOLVED_ENTRIES}.
 */
export function resolveEntries(policy: FileSystemPolicy, binding: PolicyBinding): readonly ResolvedEntry[] {
  if (policy.kind !== "restricted") return [];
  const resolved: ResolvedEntry[] = [];
  for (const [index, entry] of policy.entries.entries()) {
    for (const { path, access, isWholeRoot } of placesOf(entry, binding)) {
      const skipIfMissing = entry.missing_path_behavior === "skip" && isWholeRoot === undefined;
      resolved.push({ path, access, entry, index, skipIfMissing });
    }
    if (resolved.length > MAX_RESOLVED_ENTRIES) {
      throw new PermissionProfileError(`the entries resolve to more than ${MAX_RESOLVED_ENTRIES} paths`, ["entries"]);
    }
  }
  return resolved;
}

/** The root of the file system, or of the drive or share that the policy's directory is on. */
export function rootOf(binding: PolicyBinding): PathUri | undefined {
  if (binding.convention === "posix") return pathUriFromNative("/", "posix");
  const { cwd } = binding;
  return cwd === undefined || conventionOf(cwd) !== "windows" ? undefined : ancestors(cwd).at(-1);
}

function placesOf(entry: ParsedFileSystemSandboxEntry, binding: PolicyBinding): Place[] {
  const { path, access } = entry;
  if (path.type === "glob_pattern") return [];
  const places = path.type === "path" ? [{ path: path.path, access }] : specialPlaces(path.value, access, binding);
  return places.flatMap((place) => comparablePlace(place, binding.convention));
}

function specialPlaces(special: FileSystemSpecialPath, access: FileSystemAccessMode, binding: PolicyBinding): Place[] {
  switch (special.kind) {
    case "root":
      return everyPlace([rootOf(binding)], access);
    case "minimal":
      return access === "deny" ? [] : everyPlace(binding.platformRoots ?? [], "read");
    case "project_roots":
      return binding.workspaceRoots.flatMap((root) => workspacePlace(root, special.subpath ?? "", access, binding));
    case "tmpdir":
      return everyPlace(binding.tmpdir, access);
    case "slash_tmp":
      return everyPlace([binding.slashTmp], access);
    case "unknown":
      return [];
  }
}

function everyPlace(paths: readonly (PathUri | undefined)[], access: FileSystemAccessMode): Place[] {
  return paths.flatMap((path) => (path === undefined ? [] : [{ path, access }]));
}

function workspacePlace(
  root: PathUri,
  subpath: string,
  access: FileSystemAccessMode,
  { convention }: PolicyBinding,
): Place[] {
  if (subpath === "") return [{ path: root, access }];
  const path = leavesRoot(subpath, convention) ? undefined : descendantOrUndefined(root, subpath);
  if (path !== undefined) return [{ path, access }];
  return access === "write" ? [] : [{ path: root, access: "deny", isWholeRoot: true }];
}

function descendantOrUndefined(root: PathUri, subpath: string): PathUri | undefined {
  try {
    return joinDescendant(root, subpath);
  } catch (error) {
    if (isPathUriError(error)) return undefined;
    throw error;
  }
}

/**
 * Names with a separator inside match nothing when paths are compared, but the system would split them. A path like that
 * gets no write access, and each rule that narrows does so where the system would look.
 */
function comparablePlace(place: Place, convention: PathConvention): Place[] {
  if (conventionOf(place.path) !== convention) return [];
  if (namesOf(place.path) !== undefined) return [place];
  return place.access === "write" ? [] : [{ ...place, path: asTheSystemReads(place.path) }];
}
