import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { Clock } from "@holdfast/rpc";
import type { CommandHost } from "./command-entries.ts";
import type { FileEnvironment } from "./file-calls.ts";
import type { StartProgram } from "./keeper.ts";

/** A connection that files are opened on. */
export interface FileLine {
  readonly stub: Pick<ExecServerClient, "fs">;
  /** Resolves when it is of no more use. */
  readonly lost: Promise<unknown>;
}

/** What the files need from their session. */
export interface FileSession {
  readonly stub: Pick<ExecServerClient, "fs" | "holdfast" | "on">;
  readonly clock: Clock;
  /** The connection there is, or the next one. */
  line(
    method: string,
    options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined },
  ): Promise<FileLine>;
}

/** What the files need of the executor's other sides. */
export interface FileHost {
  readonly environment: FileEnvironment;
  /** Capability `fileWriteStreaming`. */
  readonly canStream: boolean;
  /** Capability `holdfastStaging`. */
  readonly canStage: boolean;
  /** Capability `holdfastFiles`. */
  readonly canChangeEntries: boolean;
  /** Capability `holdfastNoReplace`. */
  readonly canRefuseToReplace: boolean;
  /** Capability `holdfastSearch`. */
  readonly canSearch: boolean;
  /** Capability `holdfastWatch`. */
  readonly canWatch: boolean;
  /** What stands in for these on an executor that runs Linux; undefined elsewhere. */
  readonly commands: CommandHost | undefined;
  /** Capability `holdfastTrees`. */
  readonly canArchive: boolean;
  /** Puts large files in place on executors that stage nothing. */
  readonly start: StartProgram;
}
