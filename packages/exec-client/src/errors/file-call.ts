import { ERROR_CODES, holdfastFault } from "@holdfast/exec-server-protocol";
import { abortedBy, isLinkError, LinkError, type RemoteError } from "@holdfast/rpc";
import { FileTransferError } from "../errors.ts";
import { RunInterruptedError } from "../run-types.ts";
import { withCallersStack } from "./callers-stack.ts";
import { FileError, isFileError } from "./file-error.ts";
import { REFUSED, refusalOf } from "./refusal.ts";
import { isStartError } from "./start-error.ts";
import { inSentence, systemErrorIn } from "./system-error.ts";
import { UnsupportedError } from "./unsupported-error.ts";

/** One call of the file system, as its caller made it. */
export interface FileCall {
  /** E.g. `fs.readFile`. */
  readonly method: string;
  /** Undefined for a call on an open file. */
  readonly path: string | URL | undefined;
  /** The other path of a copy, move or link. */
  readonly destination?: string | URL | undefined;
  /** What the caller can end it by. */
  readonly signal?: AbortSignal | undefined;
  /** System of the executor; undefined when it does not tell. */
  readonly platformOs?: string | undefined;
}

/** Where what is not found is no file, but a handle. */
const OF_HANDLES: ReadonlySet<string> = new Set(["fs/readBlock", "fs/writeBlock", "fs/close"]);

/** Do what a call asks for; what it fails with is told in terms of the call, with the stack of its caller. */
export async function asFileCall<Result>(call: FileCall, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw toFileError(error, call);
  }
}

/**
 * What a call of the file system is to fail with: `FileError` for a refusal, `AbortError` or `TimeoutError` for the reason of
 * its signal. Anything else stays, with the stack of the caller.
 */
export function toFileError(error: unknown, call: FileCall): unknown {
  const { signal, method } = call;
  if (signal?.aborted && error === signal.reason && !isLinkError(error)) {
    return abortedBy(signal, method, { delivery: "unknown", method });
  }
  // What helps may be missing without the file being so; only the folder that it starts in is one of the call.
  if (isStartError(error) && error.reason !== "cwd") return error;
  const refusal = refusalOf(error);
  if (refusal !== undefined) return refusedCall(refusal, call);
  if (error instanceof FileTransferError && error.code === "not-placed") return notPlaced(error, call);
  // What was done by a command took as long as the command.
  if (error instanceof RunInterruptedError) return interruptedCall(error, call);
  return isLinkError(error) || error instanceof FileTransferError || isFileError(error)
    ? withCallersStack(error)
    : error;
}

function refusedCall(refusal: RemoteError, call: FileCall): Error {
  const { method, platformOs } = call;
  if (refusal.code === ERROR_CODES.MethodNotFound) {
    return new UnsupportedError(method, `the method ${refusal.method}`, { cause: refusal });
  }
  const fault = holdfastFault(refusal.data);
  const system = systemErrorIn(refusal.message, platformOs);
  const isMissing = refusal.code === ERROR_CODES.NotFound;
  const missing = OF_HANDLES.has(refusal.method) ? "EBADF" : "ENOENT";
  const code = fault?.code ?? system?.code ?? (isMissing ? missing : REFUSED);
  return fileError({ code, words: system?.words ?? refusal.message, syscall: fault?.syscall }, call, refusal);
}

function interruptedCall({ reason }: RunInterruptedError, { method }: FileCall): LinkError {
  const how = { delivery: "unknown", method } as const;
  if (reason !== undefined) return abortedBy({ reason }, method, how);
  return new LinkError("timeout", `${method} took more time than it was given`, how);
}

/** A place that the system has no error about stays `not-placed`. */
function notPlaced(error: FileTransferError, call: FileCall): Error {
  const refusal = refusalOf(error.cause);
  const code = refusal && holdfastFault(refusal.data)?.code;
  const system = systemErrorIn(error.message, call.platformOs);
  if (system === undefined && code === undefined) return withCallersStack(error);
  return fileError({ code: REFUSED, words: error.message, ...system, ...(code && { code }) }, call, error);
}

function fileError(
  { code, words, syscall }: { readonly code: string; readonly words: string; readonly syscall?: string | undefined },
  { method, path, destination }: FileCall,
  cause: unknown,
): FileError {
  const from = path === undefined ? undefined : String(path);
  const to = destination === undefined ? undefined : String(destination);
  const places = [from, to].filter((place) => place !== undefined).map((place) => `'${place}'`);
  const where = places.length === 0 ? method : `${method} ${places.join(" -> ")}`;
  return new FileError(
    `${code}: ${inSentence(words)}, ${where}`,
    { code, method, path: from, destination: to, syscall },
    { cause },
  );
}
