import type { CommandExecParams, SandboxPolicy } from "@holdfast/app-server-protocol";
import type { EnvironmentPolicy } from "@holdfast/exec-client";
import { isPermissionProfileError } from "@holdfast/permission-profile";
import type { TomlTable } from "../../config/toml-document.ts";
import { TomlShapeError } from "../../config/toml-shape.ts";
import {
  type CommandConfinement,
  type ConfinementPlace,
  confinementOfPolicy,
  confinementOfProfile,
} from "../../permissions/command-confinement.ts";
import { configuredPolicy } from "../../permissions/configured-policy.ts";
import { namedProfile, ProfileError, type ProfilePlace } from "../../permissions/named-profile.ts";
import { shellEnvironmentPolicy } from "../../permissions/shell-environment-policy.ts";
import { absolutePath } from "../absolute-path.ts";
import { invalidParams, invalidRequest } from "../faults.ts";

/** Says to programs in a sandbox why they find no network. */
const NO_NETWORK = "CODEX_SANDBOX_NETWORK_DISABLED";

/** What is said of how a command is confined. */
export interface AskedConfinement {
  readonly params: Pick<CommandExecParams, "permissionProfile" | "sandboxPolicy">;
  readonly config: TomlTable;
}

/**
 * How a command is confined: as it asks for, or as the configuration says.
 *
 * @throws RpcFault - There is no such profile, or it or the policy can not be used.
 */
export function confinementOfCommand(
  { params, config }: AskedConfinement,
  place: ConfinementPlace & { readonly environment: ProfilePlace },
): CommandConfinement {
  const { permissionProfile, sandboxPolicy } = params;
  if (sandboxPolicy != null) return confinementByPolicy(sandboxPolicy, place);
  const isAsked = permissionProfile != null;
  const id = permissionProfile ?? config.default_permissions;
  try {
    if (typeof id !== "string") return confinementByPolicy(configuredPolicy(config), place);
    const { permissions, workspaceRoots } = namedProfile(id, config, place.environment);
    return confinementOfProfile(permissions, place, workspaceRoots);
  } catch (error) {
    if (!(error instanceof ProfileError || error instanceof TomlShapeError)) throw error;
    throw invalidRequest(
      `${isAsked ? "invalid permission profile" : "failed to load configuration"}: ${error.message}`,
    );
  }
}

function confinementByPolicy(policy: SandboxPolicy, place: ConfinementPlace): CommandConfinement {
  if (policy.type === "workspaceWrite") {
    const { writableRoots = [] } = policy as Extract<SandboxPolicy, { type: "workspaceWrite" }>;
    for (const root of writableRoots) absolutePath(root, place.environment);
  }
  try {
    return confinementOfPolicy(policy, place);
  } catch (error) {
    throw isPermissionProfileError(error) ? invalidParams(`invalid sandbox policy: ${error.message}`) : error;
  }
}

/** Variables of a command. */
export interface CommandVariables {
  readonly env: Readonly<Record<string, string>>;
  readonly envPolicy: EnvironmentPolicy;
}

/**
 * What the configuration lets commands inherit, with what the request says over it.
 *
 * @param env - By names; `null` takes one away.
 */
export function variablesOfCommand(
  env: Readonly<Record<string, string | null>> | null | undefined,
  config: TomlTable,
  { isWithoutNetwork }: Pick<CommandConfinement, "isWithoutNetwork">,
): CommandVariables {
  const policy = shellEnvironmentPolicy(config);
  const entries = Object.entries(env ?? {});
  const given = entries.filter((entry): entry is [string, string] => entry[1] !== null);
  return {
    env: { ...(isWithoutNetwork ? { [NO_NETWORK]: "1" } : {}), ...Object.fromEntries(given) },
    envPolicy: withoutNames(policy, new Set(entries.filter(([, value]) => value === null).map(([name]) => name))),
  };
}

/** The policy, and what it says about variables of these names left out. */
export function withoutNames(policy: EnvironmentPolicy, names: ReadonlySet<string>): EnvironmentPolicy {
  if (names.size === 0) return policy;
  const set = Object.fromEntries(Object.entries(policy.set).filter(([name]) => !names.has(name)));
  return { ...policy, set, exclude: [...policy.exclude, ...names] };
}
