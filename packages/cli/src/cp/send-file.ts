import type { FileHandle } from "node:fs/promises";
import type { PathUri } from "@holdfast/path-uri";
import { copyFailure } from "./copy-failure.ts";
import type { Progress } from "./progress-bar.ts";
import { BLOCK_BYTES, type Transfer } from "./transfer.ts";

/** Send an open local file, from its start to its end, to a name on the executor: whole or not at all. */
export async function sendFile(
  file: FileHandle,
  { executor, signal }: Pick<Transfer, "executor" | "signal">,
  final: PathUri,
  options: {
    /** How messages name the local file. */
    readonly text: string;
    readonly mode: number | undefined;
    readonly onModeRefused?: () => void;
    readonly progress: Pick<Progress, "advance">;
  },
): Promise<void> {
  const { text, mode, onModeRefused, progress } = options;
  const writer = executor.fs.createWriteStream(final, { mode, onModeRefused }).getWriter();
  try {
    // The stream copies what it gets before it resolves, so that one buffer is enough.
    const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    for (let copied = 0; ; ) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, BLOCK_BYTES, copied).catch((error: unknown) => {
        throw copyFailure(`cannot read ${text}`, error);
      });
      if (bytesRead === 0) break;
      await writer.write(buffer.subarray(0, bytesRead));
      copied += bytesRead;
      progress.advance(bytesRead);
    }
    signal.throwIfAborted();
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}
