import type { Environment, StartOptions } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import { type ParsedPermissionProfile, readOnlyProfile, workspaceWriteProfile } from "@holdfast/permission-profile";

export const SANDBOX_POLICIES = ["read-only", "workspace-write", "none"] as const;
export type SandboxPolicyName = (typeof SANDBOX_POLICIES)[number];

type SandboxContext = NonNullable<StartOptions["sandbox"]>;

/**
 * The confinement to ask the executor for; undefined for none. No policy has network.
 *
 * @param workspace - Working folder of the command, and the one workspace root.
 */
export function sandboxContext(
  policy: SandboxPolicyName,
  workspace: PathUri | undefined,
  environment: Pick<Environment, "pathConvention">,
): SandboxContext | undefined {
  if (policy === "none") return undefined;
  return {
    permissions: profileOf(policy),
    // The level of a Windows executor that confines at all; the others do not look at it.
    windowsSandboxLevel: environment.pathConvention === "windows" ? "restricted-token" : "disabled",
    ...(workspace === undefined ? {} : { cwd: workspace, workspaceRoots: [workspace] }),
  };
}

function profileOf(policy: Exclude<SandboxPolicyName, "none">): ParsedPermissionProfile {
  return policy === "read-only" ? readOnlyProfile() : workspaceWriteProfile();
}
