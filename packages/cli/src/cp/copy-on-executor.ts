import { acrossLines } from "@holdfast/exec-client";
import { basename, displayPath } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { copyFailure } from "./copy-failure.ts";
import { putInPlace, remoteDestination } from "./remote-destination.ts";
import { remoteSource } from "./remote-source.ts";
import type { Transfer } from "./transfer.ts";

/** Copy a file from one place of the executor to another. Its bytes stay there. */
export async function copyOnExecutor({ executor, source, destination, signal }: Transfer): Promise<void> {
  const { path } = await remoteSource(executor, source);
  // A link as source stands for its target.
  const original = await executor.fs.canonicalize(path);
  const place = await remoteDestination(executor, destination, basename(path) ?? "");
  if (place.final === original) throw new CommandFailure(`${source.text} and ${destination.text} are the same file`);
  try {
    await acrossLines(() => executor.fs.copy(original, place.temporary));
    signal.throwIfAborted();
    await putInPlace(executor, place, undefined);
  } catch (error) {
    await acrossLines(() => executor.fs.remove(place.temporary, { force: true })).catch(() => {});
    throw copyFailure(`cannot write remote:${displayPath(place.final)}`, error);
  }
}
