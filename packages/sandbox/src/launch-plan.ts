import type { FileIdentity } from "./machine.ts";

/** What confines a process, in the words of the wire. */
export type SandboxType = "none" | "macosSeatbelt" | "linuxSeccomp" | "windowsRestrictedToken";

/** A descriptor that the wrapper must inherit, open for reading at the start of `content`. */
export interface PlannedDescriptor {
  /** Number in the child, 3 or more. Every number is used once. */
  readonly fd: number;
  readonly content: Uint8Array;
}

/**
 * The way by which listening sockets come out of a sandbox: one message of a Node IPC channel with a socket for each route, and
 * then the end of both descriptors. The starter of the plan makes them.
 */
export interface ProxyChannel {
  /** Number in the child of one end of a pair of stream sockets. */
  readonly socketFd: number;
  /** Number in the child of the end of a pipe that is written to: the pipe ends when everything was sent, or nothing will be. */
  readonly doneFd: number;
}

/**
 * A path that has to exist for the time of the run, so that something can be mounted over it. The starter of the plan makes
 * it before the start and takes it away after the last run that needed it, if it made it and it is still empty. What
 * exists already may be another run's: then it only counts as one more that needs it.
 */
export interface SyntheticTarget {
  /** Absolute native path. */
  readonly path: string;
  readonly kind: "directory" | "file";
}

/** A file of a control group and what is to be written to it. */
export interface GroupSetting {
  /** Its name in the folder of the group. */
  readonly file: string;
  readonly value: string;
  /** Passed over where the kernel has no such file. Default false. */
  readonly isOptional?: boolean | undefined;
}

/**
 * A control group that the command puts itself into before it begins. The starter of the plan makes it below `parent`, writes the
 * settings in order, starts nothing where one fails, hands down its `cgroup.procs` open for writing, and takes the group away
 * after the run. The descriptor is closed before the command begins.
 */
export interface PlannedGroup {
  /** Absolute native path of a folder. */
  readonly parent: string;
  readonly settings: readonly GroupSetting[];
  /** Number in the child of its `cgroup.procs`. */
  readonly procsFd: number;
}

/** What must be true of one mount before the command may run. */
export interface MountProof {
  /** Absolute native path; no part of it is a link. */
  readonly path: string;
  readonly isReadOnly: boolean;
  /** The file that is seen there, as numbers of `stat`. */
  readonly shows?: { readonly device: bigint; readonly inode: bigint } | undefined;
  /** The device of what must not be seen there. */
  readonly covers?: bigint | undefined;
}

/**
 * A file or folder that the plan was made for. The starter of the plan opens it before the start, over no link, starts nothing
 * when it is another one by then, and keeps it open until the command runs, so that no other gets its number.
 */
export interface PinnedPlace {
  /** Absolute native path; no part of it is a link. */
  readonly path: string;
  readonly identity: FileIdentity;
}

/** What has to be started so that the command runs as intended. Data only: nothing was touched to make it. */
export interface LaunchPlan {
  /** Reported on the wire. Also `linuxSeccomp` where the profile asked for no confinement and nothing is wrapped. */
  readonly sandboxType: SandboxType;
  /** Whether what is started is a wrapper that confines the command. False: the command itself, whose profile narrows nothing. */
  readonly wraps: boolean;
  /** Program to start: that of the wrapper, or `argv[0]` of an unconfined command. Absolute for a wrapper. */
  readonly file: string;
  /** Everything after the program. */
  readonly args: readonly string[];
  /** What `file` sees as its own name. Absent: `file`. */
  readonly arg0: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Folder to start in, absolute. */
  readonly cwd: string;
  readonly descriptors: readonly PlannedDescriptor[];
  readonly syntheticTargets: readonly SyntheticTarget[];
  /** What is to be mounted, and the folders that lead there as far as commands can change them. */
  readonly pinned: readonly PinnedPlace[];
  /** Most processes that the run may have at once, to be imposed by the starter. Absent: none, or the run limits itself. */
  readonly maxProcesses: number | undefined;
  /** What limits the command and its descendants together. Absent: none. */
  readonly groups?: readonly PlannedGroup[] | undefined;
  /** Present when the command reaches the network only through these endpoints of a proxy on loopback. */
  readonly proxyRoutes: readonly ProxyRoute[];
  /** Present when there are routes that have to be led out of the sandbox by the starter. */
  readonly proxyChannel?: ProxyChannel | undefined;
}

/** A loopback endpoint of a proxy outside that must be reachable inside, at `innerPort` of the sandbox's own loopback. */
export interface ProxyRoute {
  readonly host: "127.0.0.1" | "::1";
  readonly port: number;
  readonly innerPort: number;
}
