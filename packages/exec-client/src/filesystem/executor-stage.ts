import { Base64Bytes, type HoldfastCommitStagedResult, STAGED_FOLDER_MODES_MAX } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import type { PathUri } from "@holdfast/path-uri";
import { isRemoteError } from "@holdfast/rpc";
import { abortable } from "../abortable.ts";
import { FileTransferError, isNotFound } from "../errors.ts";
import { FILE_BLOCK_MAX_BYTES, FILE_BLOCKS_IN_FLIGHT } from "../limits.ts";
import { randomUuid } from "../random-uuid.ts";
import type { BlockSink } from "./block-sink.ts";
import type { FillableFile } from "./staged-file.ts";

/** The part of an executor that stages: capability `holdfastStaging`. */
export type StagingStub = Pick<ExecServerClient, "holdfast">;

/**
 * Writes blocks into a staged file, several at a time. What is staged belongs to the session: a block whose line was lost
 * is sent again on the next one, to where it belongs.
 */
class StagedBlocks implements BlockSink {
  readonly blockBytes = FILE_BLOCK_MAX_BYTES;
  readonly #stub: StagingStub;
  readonly #stageId: string;
  readonly #signal: AbortSignal | undefined;
  /** Oldest first. One that failed stays until it is awaited. */
  #sent: { readonly answer: Promise<unknown>; readonly free: (() => void) | undefined }[] = [];
  #offset = 0;

  constructor(stub: StagingStub, stageId: string, signal: AbortSignal | undefined) {
    this.#stub = stub;
    this.#stageId = stageId;
    this.#signal = signal;
  }

  async write(data: Uint8Array, free?: () => void): Promise<void> {
    if (data.byteLength === 0) return;
    const block = { stageId: this.#stageId, offset: this.#offset, chunk: Base64Bytes.kept(data) };
    const answer = this.#stub.holdfast.writeStaged(block);
    answer.catch(() => {});
    this.#sent.push({ answer, free });
    this.#offset += data.byteLength;
    while (this.#sent.length >= FILE_BLOCKS_IN_FLIGHT) await this.#confirmOldest();
  }

  async finish(): Promise<void> {
    while (this.#sent.length > 0) await this.#confirmOldest();
  }

  async #confirmOldest(): Promise<void> {
    const [oldest] = this.#sent;
    if (oldest === undefined) return;
    await this.#answerTo(oldest.answer);
    // It is not sent again.
    oldest.free?.();
    this.#sent = this.#sent.slice(1);
  }

  /** An executor that does not answer must not keep a user who gave up. */
  async #answerTo(answer: Promise<unknown>): Promise<void> {
    try {
      await abortable(answer, this.#signal, { method: "holdfast/writeStaged", whenLate: () => {} });
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw error;
    }
  }
}

/**
 * Begin a file on an executor that stages.
 *
 * @param options.within - The staged folder that it will be part of.
 * @throws FileTransferError `not-placed`, RemoteError - Nothing can be put there.
 */
export async function stageOnExecutor(
  stub: StagingStub,
  path: PathUri,
  options: {
    readonly mode?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly within?: string | undefined;
    readonly noFollowNames?: number | undefined;
    /** Refused when something has the name. Needs the capability `holdfastFiles`. */
    readonly noReplace?: boolean | undefined;
  },
): Promise<FillableFile> {
  const { signal, within, noFollowNames = 0 } = options;
  const stageId = randomUuid();
  const discard = async (): Promise<void> => {
    await stub.holdfast.discardStaged({ stageId }).catch(() => {});
  };
  const params = { stageId, path, noFollowNames, ...(within && { within }) };
  await stub.holdfast.stageFile(params, { signal }).catch((error: unknown) => {
    // It may be there: who gave up does not know.
    if (!isRemoteError(error)) void discard();
    throw notPlaced(error);
  });
  const blocks = new StagedBlocks(stub, stageId, signal);
  return {
    blocks,
    async copyFrom(source) {
      await stub.holdfast.copyStaged({ stageId, source }, { signal });
    },
    async commit() {
      await blocks.finish();
      signal?.throwIfAborted();
      return (await commitStaged(stub, stageId, options)).isModeSet;
    },
    discard,
  };
}

/**
 * Put it in place. More folder modes than a request takes are left away, and told by `isModeSet`: that is no reason to throw
 * away everything that was sent.
 *
 * @throws FileTransferError `not-placed`, RemoteError.
 */
export async function commitStaged(
  stub: StagingStub,
  stageId: string,
  options: {
    readonly mode?: number | undefined;
    readonly noReplace?: boolean | undefined;
    readonly folderModes?: readonly { readonly path: PathUri; readonly mode: number }[];
  },
): Promise<HoldfastCommitStagedResult> {
  const { mode, folderModes, noReplace } = options;
  const params = { stageId, ...(mode === undefined ? {} : { mode }), ...(noReplace === true ? { noReplace } : {}) };
  const modes = folderModes === undefined ? {} : { folderModes: folderModes.slice(0, STAGED_FOLDER_MODES_MAX) };
  const outcome = await stub.holdfast.commitStaged({ ...params, ...modes }).catch((error: unknown) => {
    // That something has the name is what was asked about, and no failure of the transfer.
    throw noReplace === true ? error : notPlaced(error);
  });
  const areAllTold = (folderModes?.length ?? 0) <= STAGED_FOLDER_MODES_MAX;
  return { ...outcome, isModeSet: outcome.isModeSet && areAllTold };
}

/** A path that leads nowhere stays what it is, as for every other call. */
function notPlaced(error: unknown): unknown {
  return isRemoteError(error) && !isNotFound(error)
    ? new FileTransferError("not-placed", `cannot put the file in place: ${error.message}`, { cause: error })
    : error;
}
