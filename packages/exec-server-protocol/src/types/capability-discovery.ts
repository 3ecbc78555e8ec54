import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";

/** Looks for plugins and skills below given folders. */
export interface CapabilityRootsDiscoverV1Params {
  roots: CapabilityRoot[];
}

export interface CapabilityRoot {
  /** Chosen by the client; comes back with the finding. */
  id: string;
  path: PathUri;
  /** Look with these rights only. Needs the capability `capabilityDiscoverySandbox`. */
  sandbox?: FileSystemSandboxContext | null;
}

export interface CapabilityRootsDiscoverV1Result {
  roots: CapabilityRootFinding[];
}

/** What lies below one root. A failure concerns that root only. */
export interface CapabilityRootFinding {
  id: string;
  path: PathUri;
  /** Manifest of the plugin, or null. Its members are those of the executor's release. */
  plugin?: unknown;
  /** Skills, as the executor's release describes them. */
  skills: unknown[];
  /** As the executor's release describes them. */
  namespaceManifests?: unknown[];
  /** What was left out and why, as the executor's release describes it. */
  warnings: unknown[];
  /** Why nothing could be found, or null. */
  error?: string | null;
}

/** Looks for what is there for one folder. Since 0.169. Further members are open. */
export interface CapabilitiesDiscoverV2Params {
  cwd: PathUri;
  [member: string]: unknown;
}

/** Members as the executor's release describes them. */
export interface CapabilitiesDiscoverV2Result {
  plugins: unknown[];
  skills: unknown[];
  warnings: unknown[];
}
