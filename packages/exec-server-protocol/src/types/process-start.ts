import type { PathUri } from "@holdfast/path-uri";
import type { FileSystemSandboxContext } from "@holdfast/permission-profile";
import type { HoldfastStartParams, HoldfastStartResult } from "./holdfast/process-control.ts";
import type { JsonObject } from "./json.ts";
import type { EnvironmentPolicy, StringMap } from "./process-environment.ts";

/** Starts a process and begins to record its output. */
export interface ProcessStartParams {
  /** Chosen by the client, any text. Unique among the processes that the session still knows; not an OS pid. */
  processId: string;
  /** Program and arguments, at least the program. Without a slash the program is looked up in `PATH` of `env`. */
  argv: string[];
  /** Working folder, read by the path rules of the executor. */
  cwd: PathUri;
  /** The whole environment without `envPolicy`; laid over what the policy gives with it. */
  env: StringMap;
  /** Run on a pseudo terminal of 24 rows and 80 columns. Beats `pipeStdin`. */
  tty: boolean;
  /** How to build the environment below `env`. Absent or null: nothing is inherited. */
  envPolicy?: EnvironmentPolicy | null;
  /** Give the process a pipe as standard input instead of nothing. Default false; null is refused. */
  pipeStdin?: boolean;
  /** What the process sees as its own name. Absent or null: `argv[0]`. */
  arg0?: string | null;
  /** Confine the process. Absent or null: not confined. */
  sandbox?: FileSystemSandboxContext | null;
  /** Refuse to run confined without a usable managed network. Default false; null is refused. */
  enforceManagedNetwork?: boolean;
  /** The proxy that the client prepared for a confined process. */
  managedNetwork?: ManagedNetwork | null;
  /** A proxy for the executor to run. Since 0.150; needs the capability `networkProxyLaunch`. */
  networkProxy?: NetworkProxyLaunch | null;
  /** For telemetry only. Since 0.160. */
  metadata?: ProcessMetadata | null;
  /** Start-up state of a shell to restore. Since 0.150; needs the capability `shellSnapshotV2`. */
  shellSnapshot?: ShellSnapshot | null;
  /** A member of this project's own; needs the capability `holdfastProcessControl`. Null is refused. */
  holdfast?: HoldfastStartParams;
}

/** The process runs, or ran and has ended already. */
export interface ProcessStartResult {
  /** As in the params. */
  processId: string;
  /** What confines it. Absent or null: the executor did not say. Since 0.150. */
  sandboxType?: SandboxType | null;
  /** There when the params have a member of this name. */
  holdfast?: HoldfastStartResult;
}

/** What an executor confines a process with. */
export type SandboxType = "none" | "macosSeatbelt" | "linuxSeccomp" | "windowsRestrictedToken";

/** What a confined process may reach through the client's proxy. */
export interface ManagedNetwork {
  /**
   * Ports on loopback that the proxy listens on. Default none; null is refused.
   *
   * @format uint16
   */
  loopbackPorts?: number[];
  /** May the process listen on local addresses? Default false; null is refused. */
  allowLocalBinding?: boolean;
  /** Host names the proxy lets through. Releases without it ignore it. */
  domainPolicy?: DomainPolicy | null;
}

/** Host name patterns. A denied one beats an allowed one. */
export interface DomainPolicy {
  /** Default none. */
  allowedDomains?: string[];
  /** Default none. */
  deniedDomains?: string[];
}

/** A network proxy for the executor to run next to the process. Its further members are open. */
export interface NetworkProxyLaunch {
  /** Configuration of the proxy; its members are those of the executor's release. */
  proxy: JsonObject;
  /** Null is refused. */
  auditMetadata?: NetworkProxyAuditMetadata;
  environmentId?: string | null;
  executionId?: string | null;
  /**
   * Milliseconds for which the executor waits for the answer to a `network/policyRequest`, at least 1. Absent or null: it does
   * not ask.
   *
   * @format uint64
   */
  policyDecisionTimeoutMs?: number | null;
  [member: string]: unknown;
}

/** Who is behind a proxy's connections, for the record. */
export interface NetworkProxyAuditMetadata {
  conversationId?: string | null;
  appVersion?: string | null;
  userAccountId?: string | null;
  authMode?: string | null;
  originator?: string | null;
  userEmail?: string | null;
  terminalType?: string | null;
  model?: string | null;
  slug?: string | null;
}

/** Where a process belongs, for telemetry. */
export interface ProcessMetadata {
  /**
   * UUID text.
   *
   * @format uuid
   */
  threadId?: string | null;
  toolCallId?: string | null;
}

/** A shell's start-up state that the executor keeps for one session. POSIX systems only. */
export interface ShellSnapshot {
  /** Processes with the same scope share one state. */
  scopeId: string;
  shell: SnapshotShell;
}

/** The shell whose state it is. */
export interface SnapshotShell {
  /** Such as `bash`. */
  name: string;
  /** Native path. */
  path: string;
}
