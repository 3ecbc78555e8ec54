import type { ActivePermissionProfile, AskForApproval, SandboxPolicy } from "@holdfast/app-server-protocol";
import type { TomlTable } from "../../config/toml-document.ts";
import { TomlShapeError } from "../../config/toml-shape.ts";
import { policyOfMode } from "../../permissions/configured-policy.ts";
import { refused } from "./refusals.ts";

/** How far commands may go: a policy, and the profile that it stands for. */
export interface Permissions {
  readonly sandboxPolicy: SandboxPolicy;
  readonly permissionProfile: ActivePermissionProfile | null;
}

const PROFILES: Readonly<Record<string, string>> = {
  ":read-only": "read-only",
  ":workspace": "workspace-write",
  ":danger-full-access": "danger-full-access",
};

/** The policy of a mode, as the configuration fills it. @throws RpcFault - There is no such mode. */
export function permissionsOfMode(mode: string, config: TomlTable): Permissions {
  return { sandboxPolicy: policyOf(mode, config), permissionProfile: null };
}

/** The policy of a permission profile. @throws RpcFault - There is no such profile. */
export function permissionsOfProfile(id: string, config: TomlTable): Permissions {
  const mode = PROFILES[id];
  if (mode === undefined) {
    const known = Object.keys(PROFILES).join(", ");
    throw refused(`invalid permission profile: \`${id}\` is none of ${known}`);
  }
  return { sandboxPolicy: policyOf(mode, config), permissionProfile: { id, extends: null } };
}

function policyOf(mode: string, config: TomlTable): SandboxPolicy {
  try {
    return policyOfMode(mode, config);
  } catch (error) {
    throw error instanceof TomlShapeError ? refused(error.message) : error;
  }
}

const APPROVAL_POLICIES = new Set(["untrusted", "on-request", "never"]);

/** What the configuration says of approvals. Default `on-request`. */
export function configuredApprovals({ approval_policy: policy }: TomlTable): AskForApproval {
  return typeof policy === "string" && APPROVAL_POLICIES.has(policy) ? (policy as AskForApproval) : "on-request";
}
