import type { PathUriText } from "@holdfast/path-uri";
import type { PermissionProfile } from "./permission-profile.ts";

/** How a Windows executor confines. `mxc`: the native containers of newer systems. */
export type WindowsSandboxLevel = "disabled" | "restricted-token" | "elevated" | "mxc";

/** Whether a Windows sandbox rewrites the proxy settings it finds. */
export type WindowsSandboxProxySettingsMode = "reconcile" | "preserve";

/** What an approval changed about the sandbox of this one request. */
export type SandboxOverride = "noOverride" | "escalatedSandboxWithRestrictions" | "bypassSandboxFirstAttempt";

/** What symbolic and relative entries resolve against. */
export interface FileSystemPolicyContext {
  /**
   * Absolute `file:` URI.
   *
   * @format path-uri
   */
  cwd?: PathUriText | null;
  /** Absolute `file:` URIs. Absent or empty: no workspace roots. */
  workspaceRoots?: PathUriText[];
}

/**
 * The sandbox that a request asks for, with what the executor needs to resolve its entries. A request without one runs
 * unconfined; a request with one is confined as it says or refused.
 */
export interface FileSystemSandboxContext {
  permissions: PermissionProfile;
  /**
   * Absolute `file:` URI that symbolic and relative entries resolve against. It is not the working directory of any command.
   *
   * @format path-uri
   */
  cwd?: PathUriText | null;
  /** Absolute `file:` URIs. Empty: no workspace roots. Absent, as peers before 0.150 have it: `cwd` is the only one. */
  workspaceRoots?: PathUriText[];
  /** When present, even if empty, it replaces `cwd` and `workspaceRoots`. Sent from 0.160 on. */
  policyContext?: FileSystemPolicyContext | null;
  /**
   * Absolute `file:` URI of the home that `~/` patterns mean. Sent from 0.160 on.
   *
   * @format path-uri
   */
  userHomeDir?: PathUriText | null;
  /** Absolute `file:` URIs of temporary folders. Sent from 0.160 on. */
  temporaryDirectories?: PathUriText[] | null;
  windowsSandboxLevel: WindowsSandboxLevel;
  /** Sent up to 0.150 and ignored since. */
  windowsSandboxPrivateDesktop?: boolean | null;
  /** Sent from 0.150 on. */
  windowsSandboxProxySettingsMode?: WindowsSandboxProxySettingsMode | null;
  /** Sent from 0.169 on. */
  sandboxOverride?: SandboxOverride;
  /** Confine with Landlock instead of bubblewrap on Linux. Default false. */
  useLegacyLandlock?: boolean;
}
