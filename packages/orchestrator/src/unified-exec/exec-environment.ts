import type { Executor, Sandbox } from "@holdfast/exec-client";

/** Where a command runs, as one call sees it: it keeps what it was given here, whatever is registered under the id meanwhile. */
export interface ExecEnvironment {
  readonly id: string;
  readonly executor: Executor;
  /** Working folder of commands that name none, the base of relative ones, and the workspace of the sandbox: a native path, or a `file:` URI. */
  readonly cwd: string;
  /** How commands are confined there. Default: as the settings say. */
  readonly sandbox?: Sandbox | undefined;
  /** How those are confined that may leave that sandbox. Default: not at all. */
  readonly outerSandbox?: Sandbox | undefined;
  /** Default: the one that the executor tells. */
  readonly shell?: EnvironmentShell | undefined;
  /** Whether it is another machine, or another owner's process. */
  readonly isRemote: boolean;
}

/** A shell by its name, such as `bash`, and its native path or bare name. */
export interface EnvironmentShell {
  readonly name: string;
  readonly path: string;
}

/**
 * Finds the environment of a call.
 *
 * @param id - Undefined: the primary one.
 * @param signal - Gives up waiting for one that is starting.
 * @returns Undefined: there is none with that id, or none at all.
 * @throws Error - It can not be had; the message is for a model.
 */
export type FindExecEnvironment = (
  id: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<ExecEnvironment | undefined> | ExecEnvironment | undefined;
