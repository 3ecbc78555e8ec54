import type { PathUri } from "@holdfast/path-uri";

/** What an executor says about itself and its machine. */
export interface EnvironmentInfo {
  shell: EnvironmentShell;
  /** Working folder of the executor. Since 0.144. */
  cwd?: PathUri | null;
  /** Release of the executor. Since 0.160; absent: unknown. */
  executorVersion?: string | null;
  /** Identity of the executor's provider, `sha256:` and digits. Since 0.160. */
  providerId?: string | null;
  /** Since 0.160. */
  userHomeDir?: PathUri | null;
  /** Operating system, such as `linux`. Since 0.160. */
  platformOs?: string | null;
  /** Folders to put in front of `PATH`. Since 0.169; absent: none. */
  prependPathDirs?: PathUri[] | null;
  /** Folders that `TMPDIR`, or `TEMP` and `TMP`, name. Since 0.150; absent: none. */
  temporaryDirectories?: PathUri[] | null;
  /** Folder for temporary files of the operating system. Since 0.150. */
  tempDir?: PathUri | null;
  /** What newer executors can do. Since 0.150; absent: nothing of it. */
  capabilities?: ExecutorCapabilities | null;
}

/** The result of `environment/info`. */
export type EnvironmentInfoResult = EnvironmentInfo;

/** The user's shell. */
export interface EnvironmentShell {
  /** Such as `bash`, `zsh`, `sh`, `powershell` or `cmd`. */
  name: string;
  /** Native path, or a bare name. */
  path: string;
}

/** Absent is false. Use a newer member or method only where its capability is true. */
export interface ExecutorCapabilities {
  /** `process/start` with `networkProxy`. Since 0.150. */
  networkProxyLaunch?: boolean;
  /** `capabilityRoots/discoverV1` with `sandbox`. Since 0.150. */
  capabilityDiscoverySandbox?: boolean;
  /** `environmentConfig/read`. Since 0.150. */
  environmentConfigRead?: boolean;
  /** `http/request` with `valueEnvVar` in headers. Since 0.150. */
  httpHeaderEnvVars?: boolean;
  /** `fs/open` with `sandbox`. Since 0.150. */
  sandboxedFileStreaming?: boolean;
  /** `process/start` with `shellSnapshot`. Since 0.150. */
  shellSnapshotV2?: boolean;
  /** `capabilities/discoverV2`. Since 0.160, where the method is still missing. */
  capabilityDiscoveryV2?: boolean;
  /** The Windows sandbox level `mxc`. Since 0.160. */
  windowsMxc?: boolean;
  /** A writable root keeps device files as they are on Linux. Since 0.160. */
  linuxRootWritePreservesDevices?: boolean;
  /** An approved write to the root keeps the other restrictions on Linux. Since 0.160. */
  linuxApprovedRootWritePreservesRestrictions?: boolean;
  /** Domains under review in `networkProxy`. Since 0.169. */
  networkProxyReviewDomains?: boolean;
  /** `transparentTcp` in `networkProxy`: a confined program that knows of no proxy goes through it all the same. Since 0.171. */
  networkProxyTransparentTcp?: boolean;
  /** Since 0.169. */
  credentialMasking?: boolean;
  /** Since 0.169. */
  credentialMaskingCustomProviders?: boolean;
  /** `fs/watchMissing`. Since 0.169. */
  fsWatchMissing?: boolean;
  /** `fs/open` with mode `replace`, and `fs/writeBlock`. Since 0.169. */
  fileWriteStreaming?: boolean;
  /** `holdfast/stageFile` and what goes with it. An extension of this project. */
  holdfastStaging?: boolean;
  /** `holdfast/extractStaged`, `holdfast/openArchive`, `holdfast/listTree` and what goes with them. An extension of this project. */
  holdfastTrees?: boolean;
  /** `holdfast/holdOutput`. An extension of this project. */
  holdfastOutputHold?: boolean;
  /** `holdfast/openConnection`. An extension of this project. */
  holdfastConnections?: boolean;
  /** `holdfast/listen` and what goes with it, and `holdfast/openSocket`. An extension of this project. */
  holdfastListeners?: boolean;
  /**
   * `holdfast/closeStdin`, `holdfast/signalProcess`, `holdfast/resizeTerminal`, `holdfast/listProcesses`, and `process/start` with
   * `holdfast`. An extension of this project.
   */
  holdfastProcessControl?: boolean;
  /** `holdfast/endProcess`, and `maxDetachedMs` of `holdfast` in `process/start`. An extension of this project. */
  holdfastProcessEnding?: boolean;
  /** `holdfast/readShared`, `holdfast/takeInput` and what goes with them. An extension of this project. */
  holdfastSharing?: boolean;
  /** `holdfast/statEntry`, `holdfast/rename` and what goes with them. An extension of this project. */
  holdfastFiles?: boolean;
  /** `noReplace` of `holdfast/rename`, which an executor that does not know it would ignore. An extension of this project. */
  holdfastNoReplace?: boolean;
  /** `holdfast/findFiles` and `holdfast/searchText`. An extension of this project. */
  holdfastSearch?: boolean;
  /** `holdfast/watch`. An extension of this project. */
  holdfastWatch?: boolean;
  /** Binary messages on websockets: long bytes behind the JSON and not in it. An extension of this project. */
  holdfastBinaryMessages?: boolean;
}

export interface EnvironmentStatusResult {
  status: EnvironmentStatus;
}

/** `ready`: the executor takes requests. */
export type EnvironmentStatus = "ready";
