import {
  fileSystemPolicyOf,
  hasFullDiskRead,
  type ParsedFileSystemSandboxContext,
  type ParsedPermissionProfile,
} from "@holdfast/permission-profile";
import type { SandboxIntent } from "@holdfast/sandbox";
import type { HelperProgram } from "./runtime-roots.ts";

/** All that a helper gets of the executor's environment. */
const PASSED_VARIABLES = ["PATH", "TMPDIR", "TMP", "TEMP"] as const;

/** A helper under the sandbox of a request: the same files, no network, and what Node needs in order to start. */
export function helperIntent(
  context: ParsedFileSystemSandboxContext,
  { argv, runtimeRoots }: HelperProgram,
  executorEnv: Readonly<Record<string, string>>,
): SandboxIntent {
  const env = PASSED_VARIABLES.flatMap((name) => (executorEnv[name] === undefined ? [] : [[name, executorEnv[name]]]));
  return {
    context: { ...context, permissions: withoutNetwork(context.permissions) },
    argv,
    cwd: "/",
    env: Object.fromEntries(env),
    runtimeRoots,
  };
}

function withoutNetwork(permissions: ParsedPermissionProfile): ParsedPermissionProfile {
  if (permissions.type === "disabled") return permissions;
  if (permissions.type === "external" || permissions.file_system.type === "unrestricted") {
    return { ...permissions, network: "restricted" };
  }
  const { file_system: section } = permissions;
  const platform = { path: { type: "special", value: { kind: "minimal" } }, access: "read" } as const;
  const entries = hasFullDiskRead(fileSystemPolicyOf(permissions)) ? section.entries : [...section.entries, platform];
  return { ...permissions, network: "restricted", file_system: { ...section, entries } };
}
