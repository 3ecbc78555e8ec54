import {
  fileSystemPolicyOf,
  hasFullDiskWrite,
  networkPolicyOf,
  type ParsedPermissionProfile,
} from "@holdfast/permission-profile";

/** Whether a command with these permissions runs as it would without any: unwrapped, and without limits. */
export function narrowsNothing(permissions: ParsedPermissionProfile): boolean {
  const policy = fileSystemPolicyOf(permissions);
  const isWholeDisk = policy.kind !== "restricted" || hasFullDiskWrite(policy, "posix");
  return isWholeDisk && networkPolicyOf(permissions) === "enabled";
}
