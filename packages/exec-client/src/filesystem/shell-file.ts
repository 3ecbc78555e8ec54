import type { PathUri } from "@holdfast/path-uri";
import { Keeper, type KeeperHost } from "./keeper.ts";
import { KeptParts, type PartsPort } from "./kept-parts.ts";
import type { FillableFile } from "./staged-file.ts";
import type { WriteStreamOptions } from "./types.ts";

/** The mode of what is replaced, and the one that a copy came with. */
const INHERITED = "-";
const AS_COPIED = "+";

/**
 * Begin a file on an executor that stages nothing itself.
 *
 * @param final - Links resolved.
 * @throws FileTransferError `not-placed` - No file can be there.
 */
export const stageByShell = async (
  host: KeeperHost & PartsPort,
  final: PathUri,
  { signal, mode }: Pick<WriteStreamOptions, "signal" | "mode">,
): Promise<FillableFile> => {
  const keeper = await Keeper.start(host, final, "file");
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
};
