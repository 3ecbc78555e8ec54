import type { FileSystemPermissions } from "./file-system.ts";

/** May the confined command use the network? */
export type NetworkSandboxPolicy = "restricted" | "enabled";

/** The executor builds a sandbox that enforces both sections. */
export interface ManagedPermissionProfile {
  type: "managed";
  file_system: FileSystemPermissions;
  network: NetworkSandboxPolicy;
}

/** No outer sandbox at all, and the network is open. */
export interface DisabledPermissionProfile {
  type: "disabled";
}

/** Another program confines the file system; only the network section is the executor's to honour. */
export interface ExternalPermissionProfile {
  type: "external";
  network: NetworkSandboxPolicy;
}

/** Who confines a command, and to what. */
export type PermissionProfile = ManagedPermissionProfile | DisabledPermissionProfile | ExternalPermissionProfile;
