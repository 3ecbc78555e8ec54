/** What a confined command and everything that descends from it may take. */
export interface CommandLimits {
  /** Bytes of memory, files in memory counted. Absent: no limit. */
  readonly memoryBytes?: number | undefined;
  /** Processes and threads that there may be at once. Absent: no limit but the one that every sandbox has. */
  readonly processes?: number | undefined;
}

/** A control group can be made for a command: the limit holds for everything in it together, root's processes included. */
export interface GroupMeans {
  readonly kind: "group";
  /** Of the hierarchy. */
  readonly version: 1 | 2;
  /** Absolute path of the folder below which groups are made. */
  readonly parent: string;
  /** Every place at which the hierarchy is mounted: no command may write there. */
  readonly mountPoints: readonly string[];
}

/** By what a machine keeps one limit. */
export type LimitMeans =
  | GroupMeans
  /** A resource limit: of memory, what a single process may allocate; of processes, those of the sandbox. */
  | { readonly kind: "rlimit" }
  /** It can't be kept. The reason is one line, and ends with what would mend it. */
  | { readonly kind: "none"; readonly reason: string };

/** By what a machine keeps each limit. */
export interface CommandLimitMeans {
  readonly memory: LimitMeans;
  readonly processes: LimitMeans;
}
