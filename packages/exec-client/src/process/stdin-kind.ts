import { checkWholeCharacters } from "../arguments/broken-text.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type InputSource, isInputSource, isKnownEmpty } from "./input/input-source.ts";
import type { StartOptions } from "./start-options.ts";

/** How the stdin of a process is reached. `stream`, `file`: over a helper that ends it. */
export type StdinKind = "none" | "pipe" | "stream" | "file" | "terminal";

const MODES: readonly unknown[] = ["none", "pipe", "file"];

/** What a process is to be fed with, if anything. @throws InvalidArgumentError it can not be read, or there are two. */
export function inputOf({ input, stdin }: StartOptions): InputSource | undefined {
  if (stdin !== undefined && !MODES.includes(stdin) && (typeof stdin === "string" || !isInputSource(stdin))) {
    const message = 'stdin must be "none", "pipe", "file", or bytes, a Blob, a stream or an async iterable';
    throw new InvalidArgumentError("stdin", message);
  }
  const source = typeof stdin === "string" ? input : (stdin ?? input);
  if (source === undefined) return undefined;
  if (!isInputSource(source)) {
    const message =
      "input must be a string, a Uint8Array, a Blob, a ReadableStream or an async iterable of such pieces";
    throw new InvalidArgumentError("input", message);
  }
  if (stdin === "none" || (stdin !== undefined && typeof stdin !== "string" && input !== undefined)) {
    throw new InvalidArgumentError("input", "input and stdin contradict each other: leave one out");
  }
  if (typeof source === "string") checkWholeCharacters(source, "input");
  return source;
}

/** @param options.canClose - Whether the executor can close a pipe. @throws InvalidArgumentError a terminal is no file. */
export function stdinKindOf(
  { stdin, pipeStdin }: StartOptions,
  {
    input,
    tty,
    canClose,
  }: { readonly input: InputSource | undefined; readonly tty: boolean; readonly canClose: boolean },
): StdinKind {
  if (tty && stdin === "file") throw new InvalidArgumentError("stdin", 'stdin: "file" does not go with a terminal');
  if (tty) return "terminal";
  if (stdin === "file") return "file";
  if (stdin === "pipe") return canClose ? "pipe" : "stream";
  if (input !== undefined && isKnownEmpty(input)) return "none";
  if (input !== undefined) return canClose ? "pipe" : "stream";
  return pipeStdin === true ? "pipe" : "none";
}
