import type { Clock } from "@holdfast/rpc";
import type { Sandboxing } from "./confinement/index.ts";
import type { HandedState } from "./handed-state.ts";
import type { ExecutorLimits } from "./limits.ts";
import type { Log } from "./platform/ports.ts";
import type { SpoolOptions } from "./spool/index.ts";

export interface ExecutorOptions {
  /** The environment that children may inherit, and from which the shell, the home and the temporary folder are taken. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The executor's own working folder, an absolute native path; what clients use when they name none. */
  readonly cwd: string;
  /** What `environment/info` reports as `executorVersion`. */
  readonly version: string;
  readonly limits?: Partial<ExecutorLimits> | undefined;
  /** What can be confined here. Default: what this machine has. */
  readonly sandboxing?: Sandboxing | undefined;
  /**
   * Files and folders that the embedding program runs from or loads later, absolute native paths: no confined command may write
   * there. Node, this package and what it loads come on top. Default none.
   */
  readonly ownPlaces?: readonly string[] | undefined;
  /**
   * Files and folders that no confined command may see, whatever its permissions, absolute native paths: sockets through which it would get out, secrets
   * of this program. What is not there when a command starts is no hindrance. A function is asked at each start. Default none.
   */
  readonly hiddenPlaces?: readonly string[] | (() => readonly string[]) | undefined;
  /** Where output goes that falls out of `maxRetainedBytes`, so that it can still be read. Default: nowhere, it is dropped. */
  readonly spool?: SpoolOptions | undefined;
  /**
   * Keep the memory and the environment of this very process from other processes of its user, commands of clients among them, from
   * the first connection on. Means no core dumps and no debugger. Linux only. Default false: the process may be more than an executor.
   */
  readonly keepsMemoryPrivate?: boolean | undefined;
  /** What {@link readHandOver} gave: go on where another program in this very process stopped. Default: begin with nothing. */
  readonly handedOver?: Pick<HandedState<unknown>, "executor" | "bytes"> | undefined;
  /**
   * Called whenever the number of sessions has changed, with that number: attached ones, and those that wait for their client to come
   * back. Default: nobody is told.
   */
  readonly onSessionCount?: ((sessions: number) => void) | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
  /** Record the arguments of commands in the log, not their number alone: secrets are often among them. Default false. */
  readonly logsArguments?: boolean | undefined;
}
