import type { SandboxPolicy } from "@holdfast/app-server-protocol";
import type { Environment, Sandbox } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import {
  networkPolicyOf,
  type ParsedPermissionProfile,
  parseSandboxPolicy,
  profileFromSandboxPolicy,
} from "@holdfast/permission-profile";

/** How a command is confined, in the terms of whoever starts it. */
export interface CommandConfinement {
  /** Undefined: not at all. */
  readonly sandbox: Sandbox | undefined;
  /** It is kept from the network, by its sandbox or by what is around all of it. */
  readonly isWithoutNetwork: boolean;
}

/** Where a command is to run. */
export interface ConfinementPlace {
  /** Its working folder, and the workspace. */
  readonly cwd: PathUri;
  readonly environment: Pick<Environment, "pathConvention">;
}

/**
 * The sandbox that a policy of the protocol stands for.
 *
 * @throws PermissionProfileError - A path in it is no absolute one of the executor's system.
 */
export function confinementOfPolicy(policy: SandboxPolicy, place: ConfinementPlace): CommandConfinement {
  const convention = place.environment.pathConvention ?? "posix";
  return confinementOfProfile(profileFromSandboxPolicy(parseSandboxPolicy(policy), { convention }), place);
}

/**
 * The sandbox that a permission profile stands for. What is confined by somebody else runs without one of ours.
 *
 * @param workspaceRoots - Besides the working folder.
 */
export function confinementOfProfile(
  permissions: ParsedPermissionProfile,
  { cwd, environment }: ConfinementPlace,
  workspaceRoots: readonly PathUri[] = [],
): CommandConfinement {
  const isWithoutNetwork = networkPolicyOf(permissions) === "restricted";
  if (permissions.type !== "managed") return { sandbox: undefined, isWithoutNetwork };
  // One that does not tell its system may be Windows; the others do not look at it.
  const windowsSandboxLevel = environment.pathConvention === "posix" ? "disabled" : "restricted-token";
  return {
    sandbox: { permissions, cwd, workspaceRoots: [cwd, ...workspaceRoots], windowsSandboxLevel },
    isWithoutNetwork,
  };
}
