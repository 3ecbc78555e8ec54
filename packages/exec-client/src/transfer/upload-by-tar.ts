import { displayPath, type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { copyFailure } from "./copy-failure.ts";
import type { LocalTree } from "./local-tree.ts";
import { packTree } from "./pack-tree.ts";
import { Problems } from "./problems.ts";
import type { RemotePlace } from "./remote-destination.ts";
import { mayHaveTar, NOT_BY_TAR, unpackCommand } from "./tar-command.ts";
import type { Transfer } from "./transfer.ts";
import { bytesOf } from "./tree-entry.ts";

const SLASH = 0x2f;
const KEPT_OUTPUT_BYTES = 65_536;

/**
 * Send a new folder as one archive to the `tar` of an executor that takes none itself.
 *
 * @returns false when that is not the way, or has not worked out: then nothing of it is there, and nothing was told.
 */
export async function uploadByTar(
  transfer: Transfer,
  { held, entries }: LocalTree,
  { path: final, exists, noFollowNames }: RemotePlace,
): Promise<boolean> {
  const { executor, problems, signal, source } = transfer;
  // Merging is done file by file there, and so is what must not follow a link above the folder.
  if (exists === true || noFollowNames > 1 || !mayHaveTar(executor)) return false;
  const native = Buffer.from(toNativeBytes(final));
  const slash = native.lastIndexOf(SLASH);
  const [own] = entries;
  const told: [line: string, kind: "problem" | "warning"][] = [];
  const ownProblems = new Problems((...line) => void told.push(line));
  using progress = transfer.progress(source.text, bytesOf(entries));
  let advanced = 0;
  const advance = (bytes: number): void => {
    advanced += bytes;
    progress.advance(bytes);
  };
  try {
    const folder = await realFolder(transfer, native.subarray(0, Math.max(slash, 1)));
    const argv = unpackCommand(folder, { name: native.subarray(slash + 1), mode: own?.mode });
    const input = packTree(held.top, entries, { text: source.text, problems: ownProblems, signal, advance });
    const { exitCode } = await executor.run(argv, { cwd: "/", input, signal, maxOutputBytes: KEPT_OUTPUT_BYTES });
    if (exitCode !== 0) {
      // What was not moved by this is moved by what comes after it.
      if (advanced > 0 && exitCode !== NOT_BY_TAR) progress.advance(-advanced);
      return false;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot write remote:${displayPath(final)}`, error);
  }
  for (const [line, kind] of told) {
    if (kind === "problem") problems.report(line);
    else problems.warn(line);
  }
  return true;
}

function realFolder({ executor, signal }: Transfer, native: Uint8Array): Promise<PathUri> {
  return executor.fs.canonicalize(pathUriFromNativeBytes(native), { signal });
}
