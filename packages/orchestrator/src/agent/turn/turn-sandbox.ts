import type { SandboxPolicy } from "@holdfast/app-server-protocol";
import type { Sandbox } from "@holdfast/exec-client";
import { isPermissionProfileError } from "@holdfast/permission-profile";
import { confinementOfPolicy } from "../../permissions/command-confinement.ts";
import type { StepPlace } from "../../steps/step-snapshot.ts";
import { folderOf } from "../tools/place-folder.ts";

/**
 * The sandbox that a policy stands for in one environment, with its folder as the workspace.
 *
 * @throws Error - The policy is none that is known; nothing may run then.
 */
export function turnSandbox(policy: SandboxPolicy, { cwd, executor }: Pick<StepPlace, "cwd" | "executor">): Sandbox {
  const place = { cwd: folderOf({ cwd, executor }), environment: executor.environment };
  try {
    return confinementOfPolicy(policy, place).sandbox ?? "none";
  } catch (error) {
    if (!isPermissionProfileError(error)) throw error;
    throw new Error(`the sandbox policy can not be used, commands and patches are refused: ${error.message}`);
  }
}
