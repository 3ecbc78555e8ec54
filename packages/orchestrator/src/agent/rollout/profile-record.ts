import type { SandboxPolicy } from "@holdfast/app-server-protocol";
import { displayPath, parsePathUri, pathUriFromNative } from "@holdfast/path-uri";
import {
  parseSandboxPolicy,
  parseStoredPermissionProfile,
  profileFromSandboxPolicy,
  sandboxPolicyFromProfile,
  sandboxPolicyToJson,
} from "@holdfast/permission-profile";

/**
 * A policy as the permission profile that it stands for. Other programs go by that, and by the strictest one without it.
 *
 * @throws PermissionProfileError - A root of the policy is no absolute path.
 */
export function profileRecord(policy: SandboxPolicy): Readonly<Record<string, unknown>> {
  const convention = hasWindowsRoots(policy) ? "windows" : "posix";
  const profile = profileFromSandboxPolicy(parseSandboxPolicy(policy), { convention });
  // In files, paths are written as their system does.
  return JSON.parse(JSON.stringify(profile), (name, value: unknown) =>
    name === "path" && typeof value === "string" && value.startsWith("file:")
      ? displayPath(parsePathUri(value))
      : value,
  );
}

/**
 * The policy nearest to a profile in a file.
 *
 * @param cwd - The folder of the thread: a native absolute path.
 * @returns Undefined: there is none, or none that is near enough.
 */
export function policyOfProfile(record: unknown, cwd: string | undefined): SandboxPolicy | undefined {
  if (record === undefined || cwd === undefined) return undefined;
  const convention = WINDOWS_PATH.test(cwd) ? "windows" : "posix";
  try {
    const profile = parseStoredPermissionProfile(record, { convention });
    const policy = sandboxPolicyFromProfile(profile, { convention, cwd: pathUriFromNative(cwd, convention) });
    return sandboxPolicyToJson(policy, "app-v2") as SandboxPolicy;
  } catch {
    return undefined;
  }
}

const WINDOWS_PATH = /^(?:[A-Za-z]:[\\/]|\\\\)/;

function hasWindowsRoots(policy: SandboxPolicy): boolean {
  const { writableRoots = [] } = policy as { readonly writableRoots?: readonly string[] };
  return writableRoots.some((root) => WINDOWS_PATH.test(root));
}
