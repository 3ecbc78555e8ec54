import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import type { CommandLimits } from "./command-limits.ts";

/** What a confined command may reach through a proxy that someone else runs on this machine. */
export interface ManagedNetworkAccess {
  /** Ports on loopback that the proxy listens on. */
  readonly loopbackPorts: readonly number[];
  /** May the command listen on local addresses? */
  readonly allowLocalBinding: boolean;
}

/** A command together with what it may touch: portable, nothing resolved yet. Paths are native to this machine. */
export interface SandboxIntent {
  /** The permissions and what their symbolic entries resolve against. */
  readonly context: ParsedFileSystemSandboxContext;
  /** At least one entry. Without a slash the program is looked up in `PATH` of `env`, inside the sandbox. */
  readonly argv: readonly string[];
  /** What the command sees as its own name. Absent: `argv[0]`. */
  readonly arg0?: string | undefined;
  /** Working folder of the command, absolute; also the policy's folder where the context has none. */
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** The command runs on a terminal of its own. Default false. */
  readonly tty?: boolean | undefined;
  /** `true`: the network is reached through the proxy of `managedNetwork` or not at all. Default false. */
  readonly enforceManagedNetwork?: boolean | undefined;
  readonly managedNetwork?: ManagedNetworkAccess | undefined;
  /** Files and folders that the launch itself needs readable, e.g. a CA bundle or the interpreter of a helper. */
  readonly runtimeRoots?: readonly string[] | undefined;
  /** What it may take. A command that nothing confines is not limited either. Default: no limits. */
  readonly limits?: CommandLimits | undefined;
}
