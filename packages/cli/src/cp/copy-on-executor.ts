import { type Executor, isNotFound } from "@holdfast/exec-client";
import { basename, displayPath, type PathUri } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { copyFailure } from "./copy-failure.ts";
import { remoteDestination } from "./remote-destination.ts";
import { remoteSource } from "./remote-source.ts";
import type { Transfer } from "./transfer.ts";

/** Copy a file from one place of the executor to another. Its bytes stay there. */
export async function copyOnExecutor({ executor, source, destination, signal }: Transfer): Promise<void> {
  const { path } = await remoteSource(executor, source);
  // A link as source stands for its target.
  const original = await executor.fs.canonicalize(path);
  const { path: final, noFollowNames } = await remoteDestination(executor, destination, basename(path) ?? "");
  if ((await realPath(executor, final)) === original) {
    throw new CommandFailure(`${source.text} and ${destination.text} are the same file`);
  }
  try {
    await executor.fs.copyAtOnce(original, final, { signal, noFollowNames });
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot write remote:${displayPath(final)}`, error);
  }
}

/** Undefined where nothing is. */
export function realPath(executor: Executor, path: PathUri): Promise<PathUri | undefined> {
  return executor.fs.canonicalize(path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw copyFailure(`cannot look at remote:${displayPath(path)}`, error);
  });
}
