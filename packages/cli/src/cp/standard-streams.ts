import { displayPath } from "@holdfast/path-uri";
import type { Context } from "../command-line/context.ts";
import { CommandFailure } from "../command-line/failure.ts";
import { abandonOutput } from "../command-line/flushed.ts";
import { copyFailure } from "./copy-failure.ts";
import type { Endpoint } from "./endpoint.ts";
import { lookAtDestination } from "./remote-destination.ts";
import { remoteSource } from "./remote-source.ts";
import type { Transfer } from "./transfer.ts";

export function isStdin({ side, path }: Endpoint): boolean {
  return side === "local" && (path === "-" || path === "/dev/stdin");
}

export function isStdout({ side, path }: Endpoint): boolean {
  return side === "local" && (path === "-" || path === "/dev/stdout");
}

/** Copy what comes from stdin to a file on the executor, which has it when it has ended. */
export async function uploadStream(
  { executor, destination, signal }: Transfer,
  { stdin }: Pick<Context, "stdin">,
): Promise<void> {
  const { path, kind } = await lookAtDestination(executor, destination);
  if (kind === "folder") {
    throw new CommandFailure(`${destination.text} is a folder: what comes from stdin has no name; name a file in it`);
  }
  const end = (): void => void stdin.destroy();
  signal.addEventListener("abort", end, { once: true });
  const writer = executor.fs.createWriteStream(path, { noFollowNames: 1 }).getWriter();
  try {
    for await (const chunk of stdin) await writer.write(chunk);
    signal.throwIfAborted();
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    signal.throwIfAborted();
    throw copyFailure(`cannot write remote:${displayPath(path)}`, error);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Copy a file of the executor to stdout. A reader that has had enough ends it. */
export async function downloadStream(
  { executor, source, signal }: Transfer,
  { stdout }: Pick<Context, "stdout">,
): Promise<void> {
  const { path } = await remoteSource(executor, source);
  try {
    for await (const block of executor.fs.createReadStream(path, { signal })) await write(stdout, block, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return;
    throw copyFailure(`cannot copy ${source.text} to stdout`, error);
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
      if (error) reject(error);
      else resolve();
    });
  });
}
