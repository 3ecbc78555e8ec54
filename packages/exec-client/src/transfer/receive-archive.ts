import { randomUUID } from "node:crypto";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { freeMemory } from "@holdfast/protocol-kit";
import { asUint8Array } from "../as-uint8-array.ts";
import type { Problems } from "./problems.ts";
import { pathOfName } from "./remote-listing.ts";
import { TransferError } from "./transfer-error.ts";
import type { TreeCalls } from "./tree-calls.ts";
import { showPath } from "./tree-entry.ts";

/** Every block but the last has this size. */
const BLOCK_BYTES = 1_048_576;
/** Blocks that are asked for before the first of them has come: less than what an executor keeps. */
const IN_FLIGHT = 12;

/** What is asked for. */
export interface ArchiveRequest {
  readonly root: PathUri;
  /** Only these, by their names from the root. Undefined: everything. */
  readonly names?: readonly string[] | undefined;
  readonly filter?: { readonly exclude?: string[]; readonly useGitignore?: boolean } | undefined;
}

/** Read a folder of the executor as one archive, several blocks on their way at once. */
export async function receiveArchive(
  calls: TreeCalls,
  { root, names, filter }: ArchiveRequest,
  {
    take,
    text,
    problems,
    signal,
  }: {
    /** How messages name the folder. */
    readonly text: string;
    /** Told about each block, in order; resolves when it has room for the next. */
    readonly take: (block: Uint8Array) => Promise<void>;
    readonly problems: Problems;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const archiveId = randomUUID();
  const params = { archiveId, root, ...(names && { names: [...names] }), ...(filter && { filter }) };
  try {
    await calls.openArchive(params, { signal });
    let receivedBytes = 0;
    let nextOffset = 0;
    const asked: ReturnType<TreeCalls["readArchive"]>[] = [];
    const ask = (): void => {
      while (asked.length < IN_FLIGHT) {
        const answer = calls.readArchive({ archiveId, offset: nextOffset, receivedBytes }, { signal });
        answer.catch(() => {}); // not awaited when the archive ends first
        asked.push(answer);
        nextOffset += BLOCK_BYTES;
      }
    };
    for (;;) {
      ask();
      const { chunk, isEnd, problems: told } = await (asked.shift() as (typeof asked)[number]);
      const block = asUint8Array(chunk);
      if (block.byteLength > BLOCK_BYTES || (!isEnd && block.byteLength < BLOCK_BYTES)) {
        throw new TransferError(
          `the executor answers a block of ${block.byteLength} bytes in the middle of an archive`,
        );
      }
      receivedBytes += BLOCK_BYTES;
      if (!isEnd) ask();
      await take(block);
      freeMemory(block);
      for (const { path, message } of told) problems.report(`cannot copy ${nameIn(root, text, path)}: ${message}`);
      if (isEnd) return;
    }
  } finally {
    // Nothing depends on the answer, and waiting for it would cost a round trip.
    calls.closeArchive({ archiveId }).catch(() => {});
  }
}

/** As the user named it, where it is in the folder. */
function nameIn(root: PathUri, text: string, path: PathUri): string {
  return path.startsWith(`${root}/`)
    ? `${text}/${showPath(pathOfName(path.slice(root.length + 1)))}`
    : `remote:${displayPath(path)}`;
}
