import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { TreeCalls } from "./tree-calls.ts";

/** Blocks that are sent before the first of them is answered: less than what an executor takes ahead. */
const IN_FLIGHT = 12;

/**
 * Unpack an archive in a staged folder, block by block, several on their way at once. A block whose line was lost is sent again on
 * the next one, to where it belongs.
 */
export async function sendArchive(
  calls: Pick<TreeCalls, "extractStaged">,
  stageId: string,
  blocks: AsyncIterable<Buffer>,
  { signal, free }: { readonly signal: AbortSignal; readonly free: (block: Buffer) => void },
): Promise<void> {
  /** Oldest first. */
  let sent: { readonly answer: Promise<unknown>; readonly block: Buffer }[] = [];
  let offset = 0;
  for await (const block of blocks) {
    const answer = calls.extractStaged({ stageId, offset, chunk: Base64Bytes.kept(block) }, { signal });
    answer.catch(() => {}); // awaited in its turn, or never when another fails first
    sent.push({ answer, block });
    offset += block.byteLength;
    if (sent.length >= IN_FLIGHT) {
      const [oldest, ...later] = sent;
      await oldest?.answer;
      if (oldest !== undefined) free(oldest.block);
      sent = later;
    }
  }
  for (const { answer } of sent) await answer;
}
