import type { PathUri } from "@holdfast/path-uri";
import { checkOptions, type OptionChecks } from "@holdfast/rpc/client";
import type { Environment } from "../environment.ts";
import type { FileCall } from "../errors/file-call.ts";
import { type RemotePath, toPathUri } from "../paths.ts";
import { type SandboxHost, sandboxContextOf } from "../sandbox/sandbox-context.ts";
import type { LinkedFileCallOptions } from "./types.ts";

/** Whose paths these are, and what a sandbox is written for. */
export type FileEnvironment = SandboxHost & Pick<Environment, "cwd" | "platformOs">;

/** Makes calls of the file system out of what their callers wrote. */
export class FileCalls {
  readonly #environment: FileEnvironment;

  constructor(environment: FileEnvironment) {
    this.#environment = environment;
  }

  /** A call as its errors tell of it. Options are not checked yet. */
  named(method: string, path: RemotePath, options: unknown, destination?: RemotePath): FileCall {
    const signal = (options as { readonly signal?: AbortSignal } | null | undefined)?.signal;
    return { method, path, destination, signal, platformOs: this.#environment.platformOs };
  }

  /** @throws InvalidArgumentError - It is no absolute path. */
  uri(path: RemotePath, argument = "path"): PathUri {
    return toPathUri(path, this.#environment.pathConvention, argument);
  }

  /** @throws InvalidArgumentError - Nothing is sent then. */
  split<Options extends LinkedFileCallOptions>(
    path: RemotePath,
    options: Options,
    {
      of,
      checks,
      argument = "path",
    }: { readonly of: string; readonly checks: OptionChecks<Options>; readonly argument?: string },
  ) {
    checkOptions(options, checks, of);
    const { signal, timeoutMs, sandbox, followSymlinks } = options;
    const context = sandboxContextOf(sandbox, this.#environment.cwd, this.#environment);
    const params = {
      path: this.uri(path, argument),
      ...(context === undefined ? {} : { sandbox: context }),
      ...(followSymlinks === undefined ? {} : { followSymlinks }),
    };
    return { params, call: { signal, timeoutMs } };
  }
}
