import type { PathUri } from "@holdfast/path-uri";
import type { HeldTree } from "./held-tree.ts";
import { oneLine } from "./one-line.ts";
import { mayHaveTar, NOT_BY_TAR, packCommand } from "./tar-command.ts";
import type { Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { TreeUnpacker } from "./unpack-tree.ts";

/** Of what the command complains about, in bytes. */
const COMPLAINTS_MAX_BYTES = 65_536;
/** GNU tar: some files have changed while they were read. */
const CHANGED_MEANWHILE = 1;
/** GNU tar: something could not be read; the rest is there. */
const INCOMPLETE = 2;
/** What GNU tar ends its complaints with, when they were told one by one. */
const SUMMARY = /exiting with failure status/i;

/**
 * Receive a folder as one archive from the `tar` of an executor that gives none itself, and unpack it aside.
 *
 * @returns what is in the staged folder, itself first; undefined when that is not the way: then nothing is in it.
 */
export async function receiveByTar(
  transfer: Transfer,
  { root, maxPathBytes }: { readonly root: PathUri; readonly maxPathBytes: number },
  staged: HeldTree,
): Promise<readonly TreeEntry[] | undefined> {
  const { executor, source, problems, signal } = transfer;
  if (!mayHaveTar(executor)) return undefined;
  using progress = transfer.progress(source.text, undefined);
  const advance = (bytes: number): void => progress.advance(bytes);
  using unpacker = new TreeUnpacker(staged.top, { text: source.text, problems, signal, advance, maxPathBytes });
  const process = await executor.processes.start({ argv: packCommand(root), cwd: "/", signal });
  const complaints: Uint8Array[] = [];
  let complaintBytes = 0;
  let exitCode: number | undefined;
  let isBegun = false;
  try {
    for await (const event of process.events()) {
      if (event.type === "exited") exitCode = event.exitCode;
      if (event.type !== "output") continue;
      if (event.stream === "stdout") {
        isBegun ||= event.data.byteLength > 0;
        await unpacker.take(event.data);
      } else if (complaintBytes < COMPLAINTS_MAX_BYTES) {
        complaintBytes += event.data.byteLength;
        complaints.push(event.data);
      }
    }
  } catch (error) {
    await process.terminate().catch(() => {});
    throw error;
  }
  if (exitCode === NOT_BY_TAR && !isBegun) return undefined;
  const lines = Buffer.concat(complaints)
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !SUMMARY.test(line));
  if (exitCode !== 0 && exitCode !== CHANGED_MEANWHILE && exitCode !== INCOMPLETE) {
    throw new TransferError(`the executor's tar ended with code ${exitCode}: ${oneLine(lines.join("\n"))}`);
  }
  unpacker.finish();
  for (const line of lines) problems.report(`cannot copy ${source.text}: ${line}`);
  return unpacker.made;
}
