import type { Sandbox } from "@holdfast/exec-client";
import { fileSystemPolicyOf, isPermissionProfileError, preserveDenies, profileOf } from "@holdfast/permission-profile";
import { TomlShapeError } from "../../config/toml-shape.ts";
import { confinementOfPolicy, confinementOfProfile } from "../../permissions/command-confinement.ts";
import { ProfileError } from "../../permissions/named-profile.ts";
import { profileAt, type ThreadProfile } from "../../permissions/thread-profile.ts";
import type { StepPlace } from "../../steps/step-snapshot.ts";
import { folderOf } from "../tools/place-folder.ts";
import type { TurnSettings } from "./thread-runtime.ts";

type SandboxSettings = Pick<TurnSettings, "sandboxPolicy" | "profile">;
type SandboxPlace = Pick<StepPlace, "cwd" | "executor">;

/**
 * The sandbox that the policy of a turn, or its profile, stands for in one environment, with its folder as the workspace.
 *
 * @throws Error - It is none that is known, or means nothing there; nothing may run then.
 */
export function turnSandbox({ sandboxPolicy, profile }: SandboxSettings, place: SandboxPlace): Sandbox {
  const at = confinementPlace(place);
  return orUnusable(profile, () => {
    if (profile === undefined) return confinementOfPolicy(sandboxPolicy, at).sandbox ?? "none";
    const { permissions, workspaceRoots } = profileAt(profile, at.environment);
    return confinementOfProfile(permissions, at, workspaceRoots).sandbox ?? "none";
  });
}

/**
 * What is left of that sandbox for what may leave it: what a profile denies stays denied, whatever a user approves.
 *
 * @throws Error - As `turnSandbox`.
 */
export function outerSandbox({ profile }: SandboxSettings, place: SandboxPlace): Sandbox {
  if (profile === undefined) return "none";
  const at = confinementPlace(place);
  return orUnusable(profile, () => {
    const { permissions, workspaceRoots } = profileAt(profile, at.environment);
    const policy = preserveDenies(fileSystemPolicyOf(permissions), { kind: "unrestricted" });
    if (policy.kind !== "restricted") return "none";
    return confinementOfProfile(profileOf(policy, "enabled"), at, workspaceRoots).sandbox ?? "none";
  });
}

function confinementPlace({ cwd, executor }: SandboxPlace) {
  return { cwd: folderOf({ cwd, executor }), environment: executor.environment };
}

function orUnusable(profile: ThreadProfile | undefined, read: () => Sandbox): Sandbox {
  try {
    return read();
  } catch (error) {
    const isKnown = isPermissionProfileError(error) || error instanceof ProfileError || error instanceof TomlShapeError;
    if (!isKnown) throw error;
    const what = profile === undefined ? "sandbox policy" : "permission profile";
    throw new Error(`the ${what} can not be used, commands and patches are refused: ${error.message}`);
  }
}
