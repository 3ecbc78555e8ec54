import type { CommandLimitMeans } from "./command-limits.ts";

/** What a path is, without following a link at its end. */
export type PathKind = "file" | "directory" | "symlink" | "other";

/** A name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: PathKind;
}

/** The identity of a file: it differs from that of every other file, also of one that has its path, or its number, later. */
export interface FileIdentity {
  /** Device number as `stat` reports it. */
  readonly device: bigint;
  readonly inode: bigint;
  /** Nanoseconds since 1970; 0 where the file system does not keep it. */
  readonly bornNs: bigint;
}

/** What is known of a file without looking into it. */
export interface FileFacts extends FileIdentity {
  /** Ids of its owner and group. */
  readonly uid: number;
  readonly gid: number;
  /** The twelve bits of its rights. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** Nanoseconds since 1970 of the last change of its content. */
  readonly changedNs: bigint;
}

/** The files of a machine as far as a plan has to know them. Reading only; answers are taken once per plan. */
export interface FileView {
  /** `undefined`: there is nothing, or it can not be looked at. */
  kindOf(path: string): PathKind | undefined;
  /** `undefined` like `kindOf`; a link at the end is not followed. */
  factsOf(path: string): FileFacts | undefined;
  /** The path with every link resolved; `undefined` where that fails. */
  realpath(path: string): string | undefined;
  /** Where a link leads, as it is written; `undefined` for anything but a link. */
  readlink(path: string): string | undefined;
  /** May commands make something in this folder, or give themselves the right to? False where it is no folder. */
  canCreateIn(folder: string): boolean;
  /** What is in a folder; empty where it can not be listed. */
  list(path: string): readonly FolderEntry[];
  /** The first `maxBytes` of a regular file as text; `undefined` where it can not be read. */
  readText(path: string, maxBytes: number): string | undefined;
  /** All of a regular file; `undefined` where it can not be read or has more than `maxBytes`. */
  readBytes(path: string, maxBytes: number): Uint8Array | undefined;
}

/** A bubblewrap that can be used. */
export interface Bubblewrap {
  /** Absolute path. */
  readonly path: string;
  readonly supportsArgv0: boolean;
  /** Can it mount a new `/proc`? Where it can not, the host's stays visible, without the processes in it. */
  readonly canMountProc: boolean;
  /** Can it keep commands from making user namespaces? Default false: the filter for system calls refuses them. */
  readonly canDisableUserNamespaces?: boolean | undefined;
  /** Can it limit how much a file system in memory takes? Default false: half of the machine's memory, by the kernel. */
  readonly canLimitMemoryFiles?: boolean | undefined;
  /** Can the superuser keep its rights to files of other users inside? Otherwise it has no special rights to them there. Default false. */
  readonly canKeepFileRights?: boolean | undefined;
}

/** Why a sandbox can not be had here, and what would mend it. One line, ends with the command to run. */
export interface SandboxUnavailable {
  readonly kind: "unavailable";
  /** Where the sandbox is missing; a profile that asks for no confinement can run on the first two all the same. */
  readonly platform: "linux" | "macos" | "windows" | "other";
  readonly reason: string;
}

/** Means to confine on Linux. */
export interface LinuxMeans {
  readonly kind: "linux";
  readonly bubblewrap: Bubblewrap;
  /** `x64` or `arm64`; a filter exists for these. */
  readonly arch: "x64" | "arm64";
}

/** Means to confine on macOS: `/usr/bin/sandbox-exec`. */
export interface MacosMeans {
  readonly kind: "macos";
}

/** Facts about the machine that a plan is made for. */
export interface Machine {
  readonly means: LinuxMeans | MacosMeans | SandboxUnavailable;
  readonly files: FileView;
  /** User id that commands run with. */
  readonly uid: number;
  /** All of its memory. Absent: not known. */
  readonly memoryBytes?: number | undefined;
  /** Where `~/` of a pattern leads when the context names no home: the executor's own, never the command's. */
  readonly home: string | undefined;
  /** Files and folders that no confined command may see, regardless of its permissions: absolute paths. Default none. */
  readonly hiddenPlaces?: readonly string[] | undefined;
  /** Where `tmpdir` leads when the context names none: the executor's own `TMPDIR`, never the command's. */
  readonly tmpdir: string | undefined;
  /**
   * Files and folders of the program that confines: what it runs from and loads later. Absolute, and over no link. No command may write there,
   * regardless of its profile. Default none.
   */
  readonly ownPlaces?: readonly string[] | undefined;
  /** By what limits are kept. Needed for an intent with limits only. */
  readonly limitMeans?: CommandLimitMeans | undefined;
}
