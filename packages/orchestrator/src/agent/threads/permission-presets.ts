import type { ActivePermissionProfile, AskForApproval, SandboxPolicy } from "@holdfast/app-server-protocol";
import { sandboxPolicyFromProfile, sandboxPolicyToJson } from "@holdfast/permission-profile";
import type { TomlTable } from "../../config/toml-document.ts";
import { configuredPolicy, policyOfMode } from "../../permissions/configured-policy.ts";
import { BUILT_IN_PROFILE_IDS, namedProfile } from "../../permissions/named-profile.ts";
import { profileRecord } from "../rollout/profile-record.ts";
import { refused } from "./refusals.ts";

/** How far commands may go: a policy, and the profile that it stands for. */
export interface Permissions {
  readonly sandboxPolicy: SandboxPolicy;
  readonly permissionProfile: ActivePermissionProfile | null;
}

/** The policy of a mode, as the configuration fills it. @throws RpcFault - There is no such mode, or the configuration is none. */
export function permissionsOfMode(mode: string, config: TomlTable): Permissions {
  return { sandboxPolicy: orRefuse(() => policyOfMode(mode, config)), permissionProfile: null };
}

/** What the configuration says. @throws RpcFault - The configuration is none. */
export function configuredPermissions(config: TomlTable): Permissions {
  return { sandboxPolicy: orRefuse(() => configuredPolicy(config)), permissionProfile: null };
}

/** @throws RpcFault - The policy has a root that is no absolute path. */
export function checkPolicy(policy: SandboxPolicy): void {
  orRefuse(() => profileRecord(policy), "invalid sandbox policy: ");
}

/** The policy of a permission profile that every server has. @throws RpcFault - There is no such profile, or it says what no policy can. */
export function permissionsOfProfile(id: string): Permissions {
  if (!BUILT_IN_PROFILE_IDS.includes(id)) {
    const known = BUILT_IN_PROFILE_IDS.map((each) => `\`${each}\``).join(", ");
    throw refused(`invalid permission profile: a thread has one of ${known}, not \`${id}\``);
  }
  const { permissions } = namedProfile(id, {}, { pathConvention: "posix", userHomeDir: undefined });
  const policy = sandboxPolicyFromProfile(permissions, { convention: "posix" });
  return {
    sandboxPolicy: sandboxPolicyToJson(policy, "app-v2") as SandboxPolicy,
    permissionProfile: { id, extends: null },
  };
}

function orRefuse<Value>(read: () => Value, prefix = ""): Value {
  try {
    return read();
  } catch (error) {
    throw refused(`${prefix}${error instanceof Error ? error.message : String(error)}`);
  }
}

const APPROVAL_POLICIES = new Set(["untrusted", "on-request", "never"]);

/** What the configuration says of approvals. Default `on-request`. */
export function configuredApprovals({ approval_policy: policy }: TomlTable): AskForApproval {
  return typeof policy === "string" && APPROVAL_POLICIES.has(policy) ? (policy as AskForApproval) : "on-request";
}
