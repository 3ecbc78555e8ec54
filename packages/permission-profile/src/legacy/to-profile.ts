import { isPathUriError, join, type PathConvention, type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import type { ParsedPermissionProfile } from "../parse/parsed-types.ts";
import { PermissionProfileError } from "../permission-profile-error.ts";
import {
  fullAccessProfile,
  literal,
  readOnlyProfile,
  skipIfMissing,
  withProtective,
  workspaceWriteProfile,
} from "../policy/built-in-profiles.ts";
import {
  fileSystemPolicyOf,
  networkPolicyOf,
  PROTECTED_METADATA_NAMES,
  profileOf,
} from "../policy/file-system-policy.ts";
import type { SandboxPolicy, WorkspaceWriteSandboxPolicy } from "./sandbox-policy.ts";

/** What the paths of a legacy policy mean. */
export interface LegacyPolicyOptions {
  /** The path convention of the machine that wrote them. */
  readonly convention: PathConvention;
  /** Adds protective entries for this folder too, literally; `.codex` stands there even if it is missing. Default none. */
  readonly cwd?: PathUri | undefined;
}

/**
 * The profile that a legacy policy stands for.
 *
 * @throws PermissionProfileError for a writable root that is not absolute.
 */
export function profileFromSandboxPolicy(policy: SandboxPolicy, options: LegacyPolicyOptions): ParsedPermissionProfile {
  switch (policy.type) {
    case "danger-full-access":
      return fullAccessProfile();
    case "external-sandbox":
      return { type: "external", network: policy.network_access ?? "restricted" };
    case "read-only":
      return readOnlyProfile({ network: networkOf(policy.network_access) });
    case "workspace-write":
      return workspaceProfile(policy, options);
  }
}

function workspaceProfile(policy: WorkspaceWriteSandboxPolicy, options: LegacyPolicyOptions): ParsedPermissionProfile {
  const profile = workspaceWriteProfile({
    writableRoots: (policy.writable_roots ?? []).map((root, index) => rootUri(root, index, options.convention)),
    excludeSlashTmp: policy.exclude_slash_tmp,
    excludeTmpdir: policy.exclude_tmpdir_env_var,
    network: networkOf(policy.network_access),
  });
  const section = fileSystemPolicyOf(profile);
  if (options.cwd === undefined || section.kind !== "restricted") return profile;
  const entries = withProtective(section.entries, protectiveOf(options.cwd));
  return profileOf({ ...section, entries }, networkPolicyOf(profile));
}

function protectiveOf(cwd: PathUri) {
  return PROTECTED_METADATA_NAMES.map((name) => {
    const entry = literal(join(cwd, name), "read");
    return name === ".codex" ? entry : skipIfMissing(entry);
  });
}

function rootUri(text: string, index: number, convention: PathConvention): PathUri {
  try {
    return pathUriFromNative(text, convention);
  } catch (error) {
    if (!isPathUriError(error)) throw error;
    throw new PermissionProfileError(error.message, ["writable_roots", index], { cause: error });
  }
}

function networkOf(isEnabled: boolean | undefined): "enabled" | "restricted" {
  return isEnabled === true ? "enabled" : "restricted";
}
