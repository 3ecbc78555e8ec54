import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";
import { conventionOfEnvironment, type KnownConvention } from "./paths.ts";

/** Names of what newer executors can do. */
export const CAPABILITY_NAMES = [
  "networkProxyLaunch",
  "capabilityDiscoverySandbox",
  "environmentConfigRead",
  "httpHeaderEnvVars",
  "sandboxedFileStreaming",
  "shellSnapshotV2",
  "capabilityDiscoveryV2",
  "windowsMxc",
  "linuxRootWritePreservesDevices",
  "linuxApprovedRootWritePreservesRestrictions",
  "networkProxyReviewDomains",
  "networkProxyTransparentTcp",
  "credentialMasking",
  "credentialMaskingCustomProviders",
  "fsWatchMissing",
  "fileWriteStreaming",
  "holdfastStaging",
  "holdfastTrees",
  "holdfastOutputHold",
  "holdfastProcessControl",
  "holdfastProcessEnding",
  "holdfastConnections",
  "holdfastListeners",
  "holdfastSharing",
  "holdfastFiles",
  "holdfastNoReplace",
  "holdfastSearch",
  "holdfastWatch",
  "holdfastBinaryMessages",
] as const;

export type CapabilityName = (typeof CAPABILITY_NAMES)[number];

/** What an executor says about itself. What it does not say is undefined, empty or false. */
export interface Environment {
  /** The user's shell: a name like `bash` and its native path, or bare name. */
  readonly shell: { readonly name: string; readonly path: string };
  /** Its working folder, the default `cwd` of processes; undefined before 0.144. */
  readonly cwd: PathUri | undefined;
  /** How it writes paths; undefined when it is not known. */
  readonly pathConvention: KnownConvention;
  /** E.g. `linux`. */
  readonly platformOs: string | undefined;
  /** Its release; `0.0.0` when it does not say. */
  readonly version: string;
  /** Identity of the provider, `sha256:…`. */
  readonly providerId: string | undefined;
  readonly userHomeDir: PathUri | undefined;
  /** Folder for temporary files. */
  readonly tempDir: PathUri | undefined;
  /** Folders named by its `TMPDIR`, `TEMP` and `TMP`. */
  readonly temporaryDirectories: readonly PathUri[];
  /** Folders to be put in front of `PATH`. */
  readonly prependPathDirs: readonly PathUri[];
  readonly capabilities: Readonly<Record<CapabilityName, boolean>>;
}

/** Whether it is an executor of this project: its extension says so. */
export function isHoldfast({ capabilities }: Environment): boolean {
  return capabilities.holdfastStaging || capabilities.holdfastOutputHold;
}

const NO_VERSION = "0.0.0";

/** Fill in what an executor of any release left out. */
export function environmentOf(info: EnvironmentInfo): Environment {
  const cwd = info.cwd ?? undefined;
  const platformOs = info.platformOs ?? undefined;
  return {
    shell: { name: info.shell.name, path: info.shell.path },
    cwd,
    pathConvention: conventionOfEnvironment({ platformOs, cwd, shellPath: info.shell.path }),
    platformOs,
    version: info.executorVersion ?? NO_VERSION,
    providerId: info.providerId ?? undefined,
    userHomeDir: info.userHomeDir ?? undefined,
    tempDir: info.tempDir ?? undefined,
    temporaryDirectories: info.temporaryDirectories ?? [],
    prependPathDirs: info.prependPathDirs ?? [],
    capabilities: capabilitiesOf(info.capabilities ?? {}),
  };
}

function capabilitiesOf(told: Readonly<Partial<Record<CapabilityName, boolean>>>): Record<CapabilityName, boolean> {
  return Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, told[name] === true])) as Record<
    CapabilityName,
    boolean
  >;
}
