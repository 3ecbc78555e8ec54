import type { PathUri } from "@holdfast/path-uri";
import { Keeper, type KeeperHost } from "./keeper.ts";
import { KeptParts, type PartsPort } from "./kept-parts.ts";
import type { FillableFile, FillableFileOptions } from "./staged-file.ts";

/** The mode of what is replaced, and the one that a copy came with. */
const INHERITED = "-";
const AS_COPIED = "+";

/**
 * Begin a file on an executor that stages nothing itself.
 *
 * @param final - Links resolved, but for the last `noFollowNames`.
 * @throws FileTransferError `not-placed` - No file can be there, or a link is where none may be.
 */
export async function stageByShell(
  host: KeeperHost & PartsPort,
  final: PathUri,
  { signal, mode, noFollowNames = 0 }: FillableFileOptions,
): Promise<FillableFile> {
  const keeper = await Keeper.start(host, final, noFollowNames === 0 ? "file" : "file, no link");
  const kept = new KeptParts(keeper, host, signal);
  return {
    blocks: kept.parts,
    copyFrom: (source) => kept.copyFrom(source),
    async commit() {
      const word = mode?.toString(8) ?? (kept.isCopied ? AS_COPIED : INHERITED);
      const said = await keeper.ask(["place", word, ...(await kept.words())]);
      await keeper.end();
      return said !== "mode";
    },
    async discard() {
      await kept.parts.abandon();
      await keeper.end();
    },
  };
}
