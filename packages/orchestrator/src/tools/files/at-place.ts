import { type FileCallOptions, isFileError, isLinkError, isUnsupported } from "@holdfast/exec-client";
import { displayPath, join, type PathUri } from "@holdfast/path-uri";
import { type Clock, systemClock } from "@holdfast/rpc";
import type { ToolCall, ToolResult } from "../tool.ts";
import type { TextArgument } from "../tool-arguments.ts";
import type { ToolPlace, ToolPlaces } from "../tool-places.ts";
import { FILE_CALL_MAX_MS } from "./limits.ts";

/** Where a call is about, and how it waits. */
export interface FilePlace extends ToolPlace {
  readonly call: Pick<FileCallOptions, "signal" | "sandbox"> & { readonly signal: AbortSignal };
}

/** Which environment a call names, if it names one. */
export interface NamedEnvironment {
  readonly environment_id?: string | undefined;
}

/** Codes of a system by which a sandbox answers as well. */
const REFUSALS: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS", "refused"]);

const MS_PER_SECOND = 1_000;

/** The argument by which a call names an environment; none where there is only one. */
export function environmentArgument({ ids }: ToolPlaces): { readonly environment_id?: TextArgument } {
  if (ids.length < 2) return {};
  const about = `Environment to work in: one of ${ids.join(", ")}. Default: ${ids[0]}.`;
  return { environment_id: { kind: "text", choices: ids, about } };
}

/**
 * Do a call where it is about, for {@link FILE_CALL_MAX_MS} at most.
 *
 * @throws Error - Why it was not done, and what may help, for a model.
 */
export async function atPlace(
  places: ToolPlaces,
  { environment_id: id }: NamedEnvironment,
  call: ToolCall,
  act: (place: FilePlace) => Promise<ToolResult>,
  clock: Clock = systemClock,
): Promise<ToolResult> {
  const late = new AbortController();
  const timer = clock.after(FILE_CALL_MAX_MS, () => late.abort());
  const signal = call.signal === undefined ? late.signal : AbortSignal.any([call.signal, late.signal]);
  let place: ToolPlace | undefined;
  try {
    place = await places.at(id, signal);
    return await act({ ...place, call: { signal, sandbox: place.sandbox } });
  } catch (error) {
    if (late.signal.aborted && call.signal?.aborted !== true) throw tooLate(error, place?.id ?? id);
    const advice = place === undefined ? undefined : adviceOn(error, place);
    if (advice === undefined || !(error instanceof Error)) throw error;
    throw new Error(`${error.message}; ${advice}`, { cause: error });
  } finally {
    timer.cancel();
  }
}

/** A path that a call names, by both of its names. */
export interface NamedPath {
  readonly uri: PathUri;
  /** As the executor's system writes it. */
  readonly path: string;
}

/** @throws PathUriError - No path of that system. */
export function namedPath({ cwd, executor }: ToolPlace, text: string): NamedPath {
  const { userHomeDir } = executor.environment;
  const [isOfHome, below = ""] = /^~(?:$|[/\\]+(.*))/s.exec(text) ?? [];
  const uri = isOfHome === undefined || userHomeDir === undefined ? join(cwd, text) : join(userHomeDir, below);
  return { uri, path: displayPath(uri) };
}

function tooLate(cause: unknown, id: string | undefined): Error {
  const seconds = FILE_CALL_MAX_MS / MS_PER_SECOND;
  const where = id === undefined ? "" : ` of ${id}`;
  return new Error(
    `no answer${where} within ${seconds} s: its connection may be lost, and is being dialled again; what the call changes may have happened`,
    { cause },
  );
}

function adviceOn(error: unknown, { sandboxText, id }: ToolPlace): string | undefined {
  if (isLinkError(error)) return `the connection to ${id} is lost for the moment: try it again`;
  if (isUnsupported(error)) return "exec_command can do it by a command";
  if (!isFileError(error)) return undefined;
  if (error.code === "ENOENT") return "list_files shows what is there";
  if (error.code === "EISDIR") return "it is a folder: list_files shows what is in it";
  return REFUSALS.has(error.code) && sandboxText !== undefined ? `in the sandbox, ${sandboxText}` : undefined;
}
