import type { SandboxPolicy } from "@holdfast/app-server-protocol";
import {
  basename,
  displayPath,
  type PathConvention,
  type PathUri,
  parent,
  parsePathUri,
  pathUriFromNative,
  pathUrisEqual,
} from "@holdfast/path-uri";
import {
  fileSystemPolicyOf,
  hasFullDiskRead,
  type ParsedFileSystemSandboxEntry,
  type ParsedPermissionProfile,
  parseSandboxPolicy,
  parseStoredPermissionProfile,
  profileFromSandboxPolicy,
  sandboxPolicyFromProfile,
  sandboxPolicyToJson,
} from "@holdfast/permission-profile";
import { permissionsWithRoots, profileAt, type ThreadProfile } from "../../permissions/thread-profile.ts";

/**
 * A policy as the permission profile that it stands for. Other programs go by that, and by the strictest one without it.
 *
 * @throws PermissionProfileError - A root of the policy is no absolute path.
 */
export function profileRecord(policy: SandboxPolicy): Readonly<Record<string, unknown>> {
  const convention = hasWindowsRoots(policy) ? "windows" : "posix";
  return recordOf(profileFromSandboxPolicy(parseSandboxPolicy(policy), { convention }));
}

/**
 * A profile of a thread.
 *
 * @param cwd - Of the thread, which says how paths are written.
 * @throws ProfileError, TomlShapeError - It is broken.
 */
export function threadProfileRecord(
  profile: ThreadProfile,
  cwd: string | undefined,
): Readonly<Record<string, unknown>> {
  if (profile.kind === "stored") return profile.record;
  return recordOf(
    permissionsWithRoots(profileAt(profile, { pathConvention: conventionOf(cwd), userHomeDir: profile.home })),
  );
}

/** In files, paths are written as their system does. */
function recordOf(profile: ParsedPermissionProfile): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(profile), (name, value: unknown) =>
    name === "path" && typeof value === "string" && value.startsWith("file:")
      ? displayPath(parsePathUri(value))
      : value,
  );
}

/**
 * Whether a profile in a file is lost in part where a policy stands for it. Names below a writable folder that begin with a dot are not, which every policy protects:
 * which of them depends on the release. What can not be read is not taken for less than it may be.
 */
export function saysMoreThanPolicy(record: Readonly<Record<string, unknown>>, cwd: string | undefined): boolean {
  const convention = conventionOf(cwd);
  try {
    const profile = parseStoredPermissionProfile(record, { convention });
    const policy = fileSystemPolicyOf(profile);
    if (policy.kind !== "restricted") return false;
    if (!hasFullDiskRead(policy)) return true;
    // It throws where files are written outside of the workspace alone.
    sandboxPolicyFromProfile(
      profile,
      cwd === undefined ? { convention } : { convention, cwd: pathUriFromNative(cwd, convention) },
    );
    const written = policy.entries.flatMap(({ path, access }) =>
      access === "write" && path.type === "path" ? [path.path] : [],
    );
    return !policy.entries.every(({ path, access }) => {
      if (path.type === "special") return access !== "deny" && isOfPolicies(path.value, access);
      if (path.type !== "path" || access === "deny") return false;
      return access === "write" || written.some((root) => isProtectedName(path.path, root));
    });
  } catch {
    return true;
  }
}

type SymbolicPlace = Extract<ParsedFileSystemSandboxEntry["path"], { readonly type: "special" }>["value"];

/** A symbolic place that policies have, with what they grant there. */
function isOfPolicies(value: SymbolicPlace, access: "read" | "write"): boolean {
  if (value.kind === "root") return access === "read";
  if (value.kind === "tmpdir" || value.kind === "slash_tmp") return access === "write";
  if (value.kind !== "project_roots") return false;
  const subpath = value.subpath ?? "";
  return subpath === "" ? access === "write" : access === "read" && /^\.[^/\\]+$/.test(subpath);
}

function isProtectedName(path: PathUri, root: PathUri): boolean {
  const above = parent(path);
  return above !== undefined && pathUrisEqual(above, root) && basename(path)?.startsWith(".") === true;
}

/**
 * The policy nearest to a profile in a file.
 *
 * @param cwd - The folder of the thread: a native absolute path.
 * @returns Undefined: there is none, or none that is near enough.
 */
export function policyOfProfile(record: unknown, cwd: string | undefined): SandboxPolicy | undefined {
  if (record === undefined || cwd === undefined) return undefined;
  const convention = conventionOf(cwd);
  try {
    const profile = parseStoredPermissionProfile(record, { convention });
    const policy = sandboxPolicyFromProfile(profile, { convention, cwd: pathUriFromNative(cwd, convention) });
    return sandboxPolicyToJson(policy, "app-v2") as SandboxPolicy;
  } catch {
    return undefined;
  }
}

function conventionOf(cwd: string | undefined): PathConvention {
  return cwd !== undefined && WINDOWS_PATH.test(cwd) ? "windows" : "posix";
}

const WINDOWS_PATH = /^(?:[A-Za-z]:[\\/]|\\\\)/;

function hasWindowsRoots(policy: SandboxPolicy): boolean {
  const { writableRoots = [] } = policy as { readonly writableRoots?: readonly string[] };
  return writableRoots.some((root) => WINDOWS_PATH.test(root));
}
