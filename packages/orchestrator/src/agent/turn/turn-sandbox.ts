import type { SandboxPolicy } from "@holdfast/app-server-protocol";
import { type FileSystemSandboxContext, type Sandbox, sandboxContextOf } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import { profileFromSandboxPolicy, type SandboxPolicy as StoredPolicy } from "@holdfast/permission-profile";
import type { StepPlace } from "../../steps/step-snapshot.ts";
import { folderOf } from "../tools/place-folder.ts";

/**
 * The sandbox that a policy stands for in one environment, with its folder as the workspace.
 *
 * @throws Error - The policy is none that is known; nothing may run then.
 */
export function turnSandbox(policy: SandboxPolicy, { cwd, executor }: Pick<StepPlace, "cwd" | "executor">): Sandbox {
  if (policy.type === "dangerFullAccess") return "none";
  const { environment } = executor;
  const convention = environment.pathConvention ?? "posix";
  const workspace = folderOf({ cwd, executor });
  const permissions = profileFromSandboxPolicy(storedPolicy(policy), { convention });
  return { ...contextIn(workspace, executor), permissions };
}

function contextIn(
  workspace: PathUri,
  { environment }: StepPlace["executor"],
): Omit<FileSystemSandboxContext, "permissions"> {
  const context = sandboxContextOf("workspace-write", workspace, environment);
  if (context === undefined) throw new Error("a sandbox without a context");
  return context;
}

/** As it was written before it was a message. @throws Error - It is none that is known. */
function storedPolicy(policy: SandboxPolicy): StoredPolicy {
  const { type } = policy;
  if (type === "readOnly") return { type: "read-only", network_access: policy.networkAccess === true };
  if (type === "externalSandbox") {
    return { type: "external-sandbox", network_access: policy.networkAccess === "enabled" ? "enabled" : "restricted" };
  }
  if (type === "workspaceWrite") {
    const {
      writableRoots = [],
      networkAccess,
      excludeSlashTmp,
      excludeTmpdirEnvVar,
    } = policy as Extract<SandboxPolicy, { type: "workspaceWrite" }>;
    return {
      type: "workspace-write",
      writable_roots: writableRoots.map(String),
      network_access: networkAccess === true,
      exclude_slash_tmp: excludeSlashTmp === true,
      exclude_tmpdir_env_var: excludeTmpdirEnvVar === true,
    };
  }
  throw new Error(`sandbox policy ${JSON.stringify(type)} is not known; commands and patches are refused`);
}
