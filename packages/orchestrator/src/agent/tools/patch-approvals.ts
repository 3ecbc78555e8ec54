import type { AskForApproval } from "@holdfast/app-server-protocol";
import type { Environment } from "@holdfast/exec-client";
import { type PathUri, parsePathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import { accessOf, bindContext, fileSystemPolicyOf, parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { ALLOWED_FILES_MAX } from "./limits.ts";

/** What becomes of a patch before it is applied. */
export type PatchRule = "apply" | "ask" | "refuse";

/** Files that a patch is to change, and where they are. */
export interface PatchTargets {
  readonly environmentId: string;
  readonly paths: readonly PathUri[];
}

/** Files that were allowed to be changed for the rest of a thread. */
export class AllowedFiles {
  readonly #allowed = new Set<string>();

  allow(targets: PatchTargets): void {
    for (const key of keysOf(targets)) {
      this.#allowed.add(key);
      const [oldest] = this.#allowed;
      if (this.#allowed.size > ALLOWED_FILES_MAX && oldest !== undefined) this.#allowed.delete(oldest);
    }
  }

  has(targets: PatchTargets): boolean {
    return keysOf(targets).every((key) => this.#allowed.has(key));
  }
}

/** @param isConfined - The sandbox does not let all of it be written. */
export function patchRule(policy: AskForApproval, isConfined: boolean): PatchRule {
  if (policy === "untrusted") return "ask";
  if (!isConfined) return "apply";
  if (policy === "on-request") return "ask";
  const isAsked = typeof policy === "object" && "granular" in policy && policy.granular.sandbox_approval === true;
  return isAsked ? "ask" : "refuse";
}

/** Whether a sandbox lets all these paths be written, as far as its rules tell. The executor sees to it that they are kept. */
export function allWritable(
  context: FileSystemSandboxContext | undefined,
  paths: readonly PathUri[],
  environment: Environment,
): boolean {
  if (context === undefined) return true;
  const parsed = parseFileSystemSandboxContext(context);
  const convention = environment.pathConvention ?? "posix";
  const binding = bindContext(parsed, {
    convention,
    home: environment.userHomeDir,
    tmpdir: environment.temporaryDirectories,
    slashTmp: convention === "posix" ? parsePathUri("file:///tmp") : undefined,
  });
  const policy = fileSystemPolicyOf(parsed.permissions);
  return paths.every((path) => accessOf(policy, binding, path).access === "write");
}

function keysOf({ environmentId, paths }: PatchTargets): readonly string[] {
  return paths.map((path) => `${environmentId}\0${path}`);
}
