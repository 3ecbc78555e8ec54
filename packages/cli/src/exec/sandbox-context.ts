import type { Environment, StartOptions } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";

export const SANDBOX_POLICIES = ["read-only", "workspace-write", "none"] as const;
export type SandboxPolicyName = (typeof SANDBOX_POLICIES)[number];

type SandboxContext = NonNullable<StartOptions["sandbox"]>;
type ManagedProfile = Extract<SandboxContext["permissions"], { type: "managed" }>;
type Entries = Extract<ManagedProfile["file_system"], { type: "restricted" }>["entries"];

/** Folders of a workspace that steer the tools of its user: what is confined to the workspace must not change them. */
const PROTECTED_NAMES = [".git", ".agents", ".codex", ".aws"];

const READ_EVERYTHING: Entries = [{ path: { type: "special", value: { kind: "root" } }, access: "read" }];

const WRITE_WORKSPACE: Entries = [
  ...READ_EVERYTHING,
  { path: { type: "special", value: { kind: "project_roots" } }, access: "write" },
  { path: { type: "special", value: { kind: "slash_tmp" } }, access: "write" },
  { path: { type: "special", value: { kind: "tmpdir" } }, access: "write" },
  ...PROTECTED_NAMES.map((subpath): Entries[number] => ({
    path: { type: "special", value: { kind: "project_roots", subpath } },
    access: "read",
    missing_path_behavior: "skip",
  })),
];

/**
 * The confinement to ask the executor for; undefined for none. No policy has network.
 *
 * @param workspace - Working folder of the command, and the one workspace root.
 */
export function sandboxContext(
  policy: SandboxPolicyName,
  workspace: PathUri | undefined,
  environment: Pick<Environment, "pathConvention">,
): SandboxContext | undefined {
  if (policy === "none") return undefined;
  const entries = policy === "read-only" ? READ_EVERYTHING : WRITE_WORKSPACE;
  return {
    permissions: { type: "managed", network: "restricted", file_system: { type: "restricted", entries } },
    // The level of a Windows executor that confines at all; the others do not look at it.
    windowsSandboxLevel: environment.pathConvention === "windows" ? "restricted-token" : "disabled",
    ...(workspace === undefined ? {} : { cwd: workspace, workspaceRoots: [workspace] }),
  };
}
