import type { ActivePermissionProfile, AskForApproval, SandboxPolicy } from "@holdfast/app-server-protocol";
import { sandboxPolicyToJson } from "@holdfast/permission-profile";
import type { TomlTable } from "../../config/toml-document.ts";
import { isTable, memberOf } from "../../config/toml-values.ts";
import { configuredPolicy, policyOfMode } from "../../permissions/configured-policy.ts";
import { BUILT_IN_PROFILE_IDS, namedProfile } from "../../permissions/named-profile.ts";
import { type ProfileFolder, profileAt, shownPolicy, type ThreadProfile } from "../../permissions/thread-profile.ts";
import { profileRecord } from "../rollout/profile-record.ts";
import { refused } from "./refusals.ts";

/** How far commands may go. */
export interface Permissions {
  /** With a profile: the policy nearest to it, for those who show one. */
  readonly sandboxPolicy: SandboxPolicy;
  /** Which profile that is, as clients know it. */
  readonly permissionProfile: ActivePermissionProfile | null;
  /** What holds in the place of the policy, which can not say all of it. */
  readonly profile: ThreadProfile | undefined;
}

/** The policy of a mode, as the configuration fills it. @throws RpcFault - There is no such mode, or the configuration is none. */
export function permissionsOfMode(mode: string, config: TomlTable): Permissions {
  return { sandboxPolicy: orRefuse(() => policyOfMode(mode, config)), permissionProfile: null, profile: undefined };
}

/**
 * What the configuration says.
 *
 * @param folder - Of the thread.
 * @throws RpcFault - The configuration is none.
 */
export function configuredPermissions(config: TomlTable, folder: ProfileFolder): Permissions {
  const { default_permissions: id, sandbox_mode: mode } = config;
  if (typeof id === "string" && id !== "") return permissionsOfProfile(id, config, folder);
  if (mode === undefined && config.permissions !== undefined) {
    throw refused(
      "failed to load configuration: config defines `[permissions]` profiles but does not set `default_permissions`",
    );
  }
  return { sandboxPolicy: orRefuse(() => configuredPolicy(config)), permissionProfile: null, profile: undefined };
}

/** @throws RpcFault - The policy has a root that is no absolute path. */
export function checkPolicy(policy: SandboxPolicy): void {
  orRefuse(() => profileRecord(policy), "invalid sandbox policy: ");
}

/** Whether every server has the profile. */
export function isBuiltIn(id: string): boolean {
  return BUILT_IN_PROFILE_IDS.includes(id);
}

/**
 * The permission profile of an id: one that every server has, or one of the configuration.
 *
 * @param folder - Of the thread.
 * @throws RpcFault - There is no such profile, or it can not be used.
 */
export function permissionsOfProfile(id: string, config: TomlTable, folder: ProfileFolder): Permissions {
  const policy = orRefuse(
    () => shownPolicy(namedProfile(id, config, folder), folder),
    "failed to load configuration: ",
  );
  const tables = isTable(config.permissions) ? config.permissions : {};
  return {
    sandboxPolicy: sandboxPolicyToJson(policy, "app-v2") as SandboxPolicy,
    permissionProfile: { id, extends: parentOf(id, tables) },
    // Of those that every server has, a policy says all.
    profile: isBuiltIn(id) ? undefined : { kind: "configured", id, permissions: tables, home: folder.userHomeDir },
  };
}

/** What a file of a thread has of a profile that the configuration does not have any more. @throws RpcFault - It can not be used. */
export function permissionsOfRecord(
  profile: ThreadProfile,
  active: ActivePermissionProfile | null,
  folder: ProfileFolder,
): Permissions {
  const policy = orRefuse(() => shownPolicy(profileAt(profile, folder), folder), "invalid permission profile: ");
  const sandboxPolicy = sandboxPolicyToJson(policy, "app-v2") as SandboxPolicy;
  return { sandboxPolicy, permissionProfile: active, profile };
}

function parentOf(id: string, tables: TomlTable): string | null {
  const table = memberOf(tables, id);
  const parent = isTable(table) ? memberOf(table, "extends") : undefined;
  return typeof parent === "string" ? parent : null;
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
