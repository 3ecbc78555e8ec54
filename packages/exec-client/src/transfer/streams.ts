import { displayPath } from "@holdfast/path-uri";
import { copyFailure } from "./copy-failure.ts";
import { lookAtDestination } from "./remote-destination.ts";
import { remoteSource } from "./remote-source.ts";
import type { Transfer } from "./transfer.ts";
import { TransferError } from "./transfer-error.ts";

/** Put what a source gives into a file on the executor, which has it when the source has ended. */
export async function uploadFrom(
  transfer: Pick<Transfer, "executor" | "destination" | "signal">,
  source: AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const { executor, destination, signal } = transfer;
  const { path, kind } = await lookAtDestination(transfer, destination);
  if (kind === "folder") {
    throw new TransferError(`${destination.text} is a folder: what comes from a stream has no name; name a file in it`);
  }
  const writer = executor.fs.createWriteStream(path, { noFollowNames: 1, signal }).getWriter();
  try {
    for await (const chunk of source) await writer.write(chunk);
    signal.throwIfAborted();
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    signal.throwIfAborted();
    throw copyFailure(`cannot write remote:${displayPath(path)}`, error);
  }
}

/** Hand a file of the executor on, block by block. */
export async function downloadTo(
  transfer: Pick<Transfer, "executor" | "source" | "signal">,
  sink: (block: Uint8Array<ArrayBuffer>) => Promise<void>,
): Promise<void> {
  const { executor, source, signal } = transfer;
  const { path } = await remoteSource(transfer, source);
  const blocks = executor.fs.createReadStream(path, { signal })[Symbol.asyncIterator]();
  for (;;) {
    const block = await blocks.next().catch((error: unknown) => {
      signal.throwIfAborted();
      throw copyFailure(`cannot read ${source.text}`, error);
    });
    if (block.done) return;
    try {
      await sink(block.value);
    } catch (error) {
      await blocks.return?.();
      throw error;
    }
  }
}
