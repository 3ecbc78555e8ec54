import type { FileSystemSandboxContext } from "@holdfast/permission-profile";

/** Domains that may be reached through the executor's own proxy; nothing else of the network is there. */
export interface NetworkRules {
  /**
   * Host names: `registry.example` is that host alone, `*.example.com` every host below, `**.example.com` both. A name that leads to
   * an address of the executor's machine or its local network counts only when it is listed as it is.
   */
  readonly allow: readonly string[];
  /** Beat `allow`. Default none. */
  readonly deny?: readonly string[] | undefined;
}

/**
 * What a command or a file call may touch. Paths are the executor's own, absolute or relative to the working folder. The deepest rule that
 * contains a path decides; at the same depth `deny` beats `write`, and `write` beats `read`.
 */
export interface SandboxRules {
  /** Folders and files that may be read, besides what programs need to run at all. Default: everything. */
  readonly read?: readonly string[] | undefined;
  /**
   * Folders that may be written, and read. `.git`, `.agents`, `.codex` and `.aws` right below each stay as they are unless they are listed
   * themselves. Default: none.
   */
  readonly write?: readonly string[] | undefined;
  /** Paths, and patterns such as `**\/*.pem` or `~/.ssh`, that may neither be read nor written. Default: none. */
  readonly deny?: readonly string[] | undefined;
  /** `true`: all of the network. Default `false`: nothing of it, the machine's own servers included. Files know no network. */
  readonly network?: boolean | NetworkRules | undefined;
}

/**
 * How a command or a file call is confined.
 *
 * - `"read-only"`: reads everything, writes nothing, has no network.
 * - `"workspace-write"`: the same, and writes below the working folder and in temporary folders.
 * - `"none"`: not confined. The same as leaving it away.
 * - {@link SandboxRules}: what it lists.
 * - `FileSystemSandboxContext`: a permission profile with its places, as it travels.
 *
 * Where the executor can not confine, the call is refused. It never runs without its sandbox.
 */
export type Sandbox = "read-only" | "workspace-write" | "none" | SandboxRules | FileSystemSandboxContext;
