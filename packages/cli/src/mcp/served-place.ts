import type { Executor, Sandbox } from "@holdfast/exec-client";
import type { ToolPlace, ToolPlaces } from "@holdfast/orchestrator";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { remotePath } from "../executor/remote-path.ts";
import { type SandboxOptions, toolSandbox } from "./tool-sandbox.ts";

/** A place with what a model is told of it. */
export interface ServedPlace extends ToolPlace {
  /** Why the working folder can not be written, where nobody asked for that. */
  readonly caution: string | undefined;
  /** Why its sandbox can not be enforced there, in which case nothing is done there. */
  readonly refusal: string | undefined;
}

/** What somebody is told who has not called a tool yet. */
export interface Introduction {
  /** For models. */
  readonly instructions: string | undefined;
  /** For people, a line each: what stands in the way. */
  readonly complaints: readonly string[];
}

/** Where the tools of a server work. Disposing ends the connections. */
export interface ServedPlaces extends ToolPlaces, AsyncDisposable {
  /** As soon as there is something to tell; never rejects. */
  introduction(): Promise<Introduction>;
}

/** How a place is to be served. */
export interface ServedAs {
  readonly id: string;
  /** Its working folder, as it was written. Undefined: that of the executor. */
  readonly folder: string | undefined;
  /** The option by which that is named, for errors. */
  readonly folderOption: string;
  readonly sandbox: SandboxOptions;
}

/** Milliseconds for a look whether the sandbox can be enforced; it is for the warning alone. */
const FIRST_LOOK_MAX_MS = 10_000;

/** @throws CommandFailure, UsageError - Its working folder is not there, or unknown. */
export async function servedPlace(executor: Executor, how: ServedAs): Promise<ServedPlace> {
  const cwd = await workingFolder(executor, how);
  const { sandbox, text, caution } = toolSandbox(how.sandbox, cwd, executor.environment);
  const refusal = await refusalOf(executor, cwd, sandbox);
  return { id: how.id, executor, cwd, sandbox, sandboxText: text, caution, refusal };
}

/** Checked here, because what a command or a file call would say of it is less clear. */
async function workingFolder(executor: Executor, { id, folder, folderOption }: ServedAs): Promise<PathUri> {
  const { environment } = executor;
  if (folder === undefined) {
    if (environment.cwd !== undefined) return environment.cwd;
    throw new CommandFailure(`${id} does not tell its working folder: name one by ${folderOption}`);
  }
  const place = remotePath(folder, environment, folderOption);
  const found = await executor.fs.metadata(place).catch(() => undefined);
  if (found?.isDirectory === true) return place;
  const what = found === undefined ? "is not there" : "is no folder";
  throw new CommandFailure(`the working folder ${displayPath(place)} ${what} on ${id}; change ${folderOption}`);
}

/** What the executor says to a confined look at the working folder. It is ready for the next confined call then. */
async function refusalOf(executor: Executor, cwd: PathUri, sandbox: Sandbox): Promise<string | undefined> {
  if (sandbox === "none") return undefined;
  try {
    await executor.fs.metadata(displayPath(cwd), { sandbox, timeoutMs: FIRST_LOOK_MAX_MS });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
