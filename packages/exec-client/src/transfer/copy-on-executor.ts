import { basename, displayPath, type PathUri } from "@holdfast/path-uri";
import { isNotFound } from "../errors.ts";
import { copyFailure } from "./copy-failure.ts";
import { type Asking, remoteDestination } from "./remote-destination.ts";
import { remoteSource } from "./remote-source.ts";
import type { Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";

/** Copy a file from one place of the executor to another. Its bytes stay there. */
export async function copyOnExecutor({ executor, source, destination, signal }: Transfer): Promise<void> {
  const { path } = await remoteSource({ executor, signal }, source);
  // A link as source stands for its target.
  const original = await executor.fs.canonicalize(path, { signal });
  const { path: final, noFollowNames } = await remoteDestination(
    { executor, signal },
    destination,
    basename(path) ?? "",
  );
  if ((await realPath({ executor, signal }, final)) === original) {
    throw new TransferError(`${source.text} and ${destination.text} are the same file`);
  }
  try {
    await executor.fs.copyAtOnce(original, final, { signal, noFollowNames });
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot write remote:${displayPath(final)}`, error);
  }
}

/** Undefined where nothing is. */
export function realPath({ executor, signal }: Asking, path: PathUri): Promise<PathUri | undefined> {
  return executor.fs.canonicalize(path, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (isNotFound(error)) return undefined;
    throw copyFailure(`cannot look at remote:${displayPath(path)}`, error);
  });
}
