import type { Executor } from "@holdfast/exec-client";
import { downloadTo, uploadFrom } from "@holdfast/exec-client/transfer";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { abandonOutput } from "../command-line/flushed.ts";
import type { Endpoint } from "./endpoint.ts";

export function isStdin({ side, path }: Endpoint): boolean {
  return side === "local" && (path === "-" || path === "/dev/stdin");
}

export function isStdout({ side, path }: Endpoint): boolean {
  return side === "local" && (path === "-" || path === "/dev/stdout");
}

/** Copy what comes from stdin to a file on the executor, which has it when it has ended. */
export async function uploadStream(
  executor: Executor,
  destination: Endpoint,
  { stdin, signal }: Pick<Context, "stdin"> & { readonly signal: AbortSignal },
): Promise<void> {
  const end = (): void => void stdin.destroy();
  signal.addEventListener("abort", end, { once: true });
  try {
    await uploadFrom(executor, stdin, destination.path, { signal });
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Copy a file of the executor to stdout. A reader that has had enough ends it. */
export async function downloadStream(
  executor: Executor,
  source: Endpoint,
  { stdout, signal }: Pick<Context, "stdout"> & { readonly signal: AbortSignal },
): Promise<void> {
  try {
    await downloadTo(executor, source.path, (block) => write(stdout, block, signal), { signal });
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    if (error.code === "EPIPE") return;
    throw new CommandFailure(`cannot copy remote:${source.path} to stdout: ${reasonOf(error)}`, { cause: error });
  }
}

/** What stdout did not take. */
class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code;
  }
}

/** Resolves when the reader has taken it. Rejects when there is none, or when it is not to be waited for any more. */
function write(stdout: NodeJS.WriteStream, block: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      abandonOutput(stdout);
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    stdout.write(block, (error) => {
      signal.removeEventListener("abort", onAbort);
      if (error) reject(new OutputError(error));
      else resolve();
    });
  });
}
