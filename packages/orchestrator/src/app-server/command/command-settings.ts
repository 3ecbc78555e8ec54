import type { CommandExecParams, SandboxPolicy } from "@holdfast/app-server-protocol";
import type { EnvironmentPolicy } from "@holdfast/exec-client";
import { isPermissionProfileError, type ParsedPermissionProfile } from "@holdfast/permission-profile";
import type { TomlTable } from "../../config/toml-document.ts";
import {
  type CommandConfinement,
  type ConfinementPlace,
  confinementOfPolicy,
  confinementOfProfile,
} from "../../permissions/command-confinement.ts";
import { configuredPolicy } from "../../permissions/configured-policy.ts";
import { namedProfile } from "../../permissions/named-profile.ts";
import { shellEnvironmentPolicy } from "../../permissions/shell-environment-policy.ts";
import { invalidParams, invalidRequest } from "../faults.ts";

/** Says to programs in a sandbox why they find no network. */
const NO_NETWORK = "CODEX_SANDBOX_NETWORK_DISABLED";

/** The profile that a command names. Undefined: it names none. @throws RpcFault - There is no such profile. */
export function profileOfCommand({ permissionProfile }: CommandExecParams): ParsedPermissionProfile | undefined {
  const id = permissionProfile ?? undefined;
  if (id === undefined) return undefined;
  try {
    return namedProfile(id);
  } catch (error) {
    throw invalidRequest(`invalid permission profile: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How a command is confined: as it asks for, or as the configuration says. @throws RpcFault - The policy can not be used. */
export function confinementOfCommand(
  asked: ParsedPermissionProfile | SandboxPolicy | null | undefined,
  config: TomlTable,
  place: ConfinementPlace,
): CommandConfinement {
  try {
    const permissions = asked ?? configuredPolicy(config);
    return isProfile(permissions) ? confinementOfProfile(permissions, place) : confinementOfPolicy(permissions, place);
  } catch (error) {
    throw isPermissionProfileError(error) ? invalidParams(`invalid sandbox policy: ${error.message}`) : error;
  }
}

function isProfile(permissions: ParsedPermissionProfile | SandboxPolicy): permissions is ParsedPermissionProfile {
  return permissions.type === "managed" || permissions.type === "disabled" || permissions.type === "external";
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
