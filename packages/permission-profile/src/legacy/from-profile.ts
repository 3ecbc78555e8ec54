import { displayPath, type PathConvention, type PathUri, pathUrisEqual } from "@holdfast/path-uri";
import { profilesEqual, strongestPerTarget } from "../combine/canonical-profile.ts";
import type { ParsedFileSystemSandboxEntry, ParsedPermissionProfile } from "../parse/parsed-types.ts";
import { isPermissionProfileError, PermissionProfileError } from "../permission-profile-error.ts";
import { fileSystemPolicyOf, networkPolicyOf, type RestrictedFileSystemPolicy } from "../policy/file-system-policy.ts";
import { hasFullDiskWrite } from "../policy/policy-predicates.ts";
import type { PolicyBinding } from "../resolve/policy-binding.ts";
import { writableRoots } from "../resolve/policy-roots.ts";
import type { SandboxPolicy, WorkspaceWriteSandboxPolicy } from "./sandbox-policy.ts";
import { profileFromSandboxPolicy } from "./to-profile.ts";

const SCATTERED_WRITES =
  "permissions profile requests filesystem writes outside the workspace root, which is not supported until the runtime " +
  "enforces FileSystemSandboxPolicy directly";

/** What a profile is translated for. */
export interface LegacyTargetOptions {
  readonly convention: PathConvention;
  /** A literal write entry for this folder counts as writing to the workspace. */
  readonly cwd?: PathUri | undefined;
}

/**
 * The legacy policy nearest to a profile. Deny entries, patterns, restricted reads and protective entries are lost: never
 * enforce the result where the profile itself is at hand.
 *
 * @throws PermissionProfileError when the profile grants writing outside the workspace and not to it.
 */
export function sandboxPolicyFromProfile(
  profile: ParsedPermissionProfile,
  options: LegacyTargetOptions,
): SandboxPolicy {
  if (profile.type === "disabled") return { type: "danger-full-access" };
  const network = networkPolicyOf(profile);
  if (profile.type === "external") return { type: "external-sandbox", network_access: network };
  const policy = fileSystemPolicyOf(profile);
  if (policy.kind !== "restricted" || hasFullDiskWrite(policy, options.convention)) {
    return network === "enabled"
      ? { type: "danger-full-access" }
      : { type: "external-sandbox", network_access: "restricted" };
  }
  const entries = [...strongestPerTarget(policy.entries).values()];
  const writes = entries.filter(({ access, path }) => access === "write" && path.type !== "glob_pattern");
  if (writes.some((entry) => isWorkspace(entry, options.cwd))) return workspacePolicy(writes, network, options.cwd);
  if (writes.some(grantsSomething)) throw new PermissionProfileError(SCATTERED_WRITES, []);
  return { type: "read-only", network_access: network === "enabled" };
}

/** As {@link sandboxPolicyFromProfile}, for those who must show some value: scattered writes become writable roots. */
export function compatibleSandboxPolicy(profile: ParsedPermissionProfile, binding: PolicyBinding): SandboxPolicy {
  try {
    return sandboxPolicyFromProfile(profile, binding);
  } catch (error) {
    if (!isPermissionProfileError(error)) throw error;
    const roots = writableRoots(fileSystemPolicyOf(profile), binding).map(({ root }) => displayPath(root));
    return workspaceWrite(roots, networkPolicyOf(profile), { slashTmp: false, tmpdir: false });
  }
}

/** Does a profile say something that its legacy form would lose, so that only the profile itself may be enforced? */
export function needsDirectEnforcement(profile: ParsedPermissionProfile, binding: PolicyBinding): boolean {
  if (fileSystemPolicyOf(profile).kind !== "restricted") return false;
  try {
    const rebuilt = profileFromSandboxPolicy(sandboxPolicyFromProfile(profile, binding), {
      convention: binding.convention,
    });
    return !profilesEqual(profile, rebuilt, binding);
  } catch (error) {
    if (isPermissionProfileError(error)) return true;
    throw error;
  }
}

function workspacePolicy(
  writes: RestrictedFileSystemPolicy["entries"],
  network: "restricted" | "enabled",
  cwd: PathUri | undefined,
): SandboxPolicy {
  const others = writes.filter((entry) => !isWorkspace(entry, cwd));
  const roots = others.flatMap(({ path }) => (path.type === "path" ? [displayPath(path.path)] : []));
  const has = (kind: string) => writes.some(({ path }) => path.type === "special" && path.value.kind === kind);
  return workspaceWrite(roots, network, { slashTmp: has("slash_tmp"), tmpdir: has("tmpdir") });
}

function workspaceWrite(
  roots: readonly string[],
  network: "restricted" | "enabled",
  writable: { slashTmp: boolean; tmpdir: boolean },
): WorkspaceWriteSandboxPolicy {
  return {
    type: "workspace-write",
    writable_roots: [...new Set(roots)],
    network_access: network === "enabled",
    exclude_tmpdir_env_var: !writable.tmpdir,
    exclude_slash_tmp: !writable.slashTmp,
  };
}

function isWorkspace({ path }: ParsedFileSystemSandboxEntry, cwd: PathUri | undefined): boolean {
  if (path.type === "path") return cwd !== undefined && pathUrisEqual(path.path, cwd);
  return path.type === "special" && path.value.kind === "project_roots" && (path.value.subpath ?? "") === "";
}

function grantsSomething({ path }: ParsedFileSystemSandboxEntry): boolean {
  return path.type !== "special" || (path.value.kind !== "unknown" && path.value.kind !== "minimal");
}
