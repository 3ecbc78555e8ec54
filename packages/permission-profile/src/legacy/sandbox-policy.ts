import type { NetworkSandboxPolicy } from "../types/permission-profile.ts";

/** No confinement. */
export interface DangerFullAccessSandboxPolicy {
  type: "danger-full-access";
}

/** Reading everywhere, writing nowhere. */
export interface ReadOnlySandboxPolicy {
  type: "read-only";
  /** Default false. */
  network_access?: boolean;
}

/** Another program confines the file system. */
export interface ExternalSandboxPolicy {
  type: "external-sandbox";
  /** Default `restricted`. */
  network_access?: NetworkSandboxPolicy;
}

/** Reading everywhere, writing below the workspace and some more folders. */
export interface WorkspaceWriteSandboxPolicy {
  type: "workspace-write";
  /** Absolute native paths, writable in addition to the workspace. Default none. */
  writable_roots?: string[];
  /** Default false. */
  network_access?: boolean;
  /** Leave the folder of `TMPDIR` read-only. Default false. */
  exclude_tmpdir_env_var?: boolean;
  /** Leave `/tmp` read-only. Default false. */
  exclude_slash_tmp?: boolean;
}

/** The policy that profiles replaced, as configuration caches and recordings still hold it. */
export type SandboxPolicy =
  | DangerFullAccessSandboxPolicy
  | ReadOnlySandboxPolicy
  | ExternalSandboxPolicy
  | WorkspaceWriteSandboxPolicy;
