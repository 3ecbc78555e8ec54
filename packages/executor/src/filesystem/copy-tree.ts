import type { BigIntStats } from "node:fs";
import { copyEntry } from "./copy-entry.ts";
import { createDirectory } from "./create-directory.ts";
import { errnoOf, invalidInput } from "./fault.ts";
import { isWithin, joinPath, normalPath, splitPath } from "./native-path.ts";
import { isSameFile, type OsCalls } from "./os-calls.ts";

const intoItself = () => invalidInput("fs/copy cannot copy a directory to itself or one of its descendants");

/** Copy a directory with everything in it into `to`, created when missing. */
export async function copyTree(
  calls: OsCalls,
  from: Buffer,
  to: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [source, destination] = await Promise.all([calls.realpath(from), futurePath(calls, to)]);
  if (isWithin(destination, source)) throw intoItself();
  await createDirectory(to, {}, calls);
  const root = await calls.stat(to);
  await copyChildren(calls, from, to, { signal, root });
}

interface TreeCopy {
  readonly signal: AbortSignal | undefined;
  /** The directory that is copied into: meeting it among the sources would never end. */
  readonly root: BigIntStats;
}

async function copyChildren(calls: OsCalls, from: Buffer, to: Buffer, copy: TreeCopy): Promise<void> {
  for (const entry of await calls.readdir(from)) {
    copy.signal?.throwIfAborted();
    const source = joinPath(from, entry.name);
    const destination = joinPath(to, entry.name);
    const stats = await calls.lstat(source);
    if (stats.isDirectory()) {
      if (isSameFile(stats, copy.root)) throw intoItself();
      await createDirectory(destination, {}, calls);
      await copyChildren(calls, source, destination, copy);
    } else if (stats.isFile() || stats.isSymbolicLink()) {
      await copyEntry(calls, source, destination, stats, copy.signal);
    }
  }
}

/** The canonical path that `path` will have once it exists. */
async function futurePath(calls: OsCalls, path: Buffer): Promise<Buffer> {
  try {
    return await calls.realpath(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    const { parent, name } = splitPath(path);
    return normalPath(joinPath(await futurePath(calls, parent), name));
  }
}
