import { Base64Bytes, ERROR_CODES } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { isLinkError, isRemoteError } from "@holdfast/rpc";
import { ProcessInputError } from "../errors.ts";
import { UNANSWERED_WRITES_MAX, UNANSWERED_WRITES_MAX_BYTES, WRITE_MAX_BYTES } from "../limits.ts";
import { frameMemory } from "../session/frame-memory.ts";

/** How the writes of one process go out. */
export interface WriterOptions {
  /** Keeps its numbers apart from those of other writers of the same process. Default: none. */
  readonly idPrefix?: string;
  /**
   * Whether the executor takes writes in the order in which they were sent. Ours do; releases of Codex only where they were not told to
   * work on requests side by side. Otherwise one waits for the answer to the one before. Default true.
   */
  readonly isOrdered?: boolean;
}

/** What sends a write. */
export interface WriteStub {
  readonly process: Pick<ExecServerClient["process"], "write">;
}

/**
 * The input side of one process: writes go out in order, numbered so that a repeated one is not doubled. A few are on their way at
 * once, where the executor keeps their order, so that neither side waits for the other.
 */
export class StdinWriter {
  readonly #processId: string;
  readonly #stub: WriteStub;
  readonly #idPrefix: string;
  readonly #unansweredMax: number;
  #lastWriteId = 0;
  #unanswered = 0;
  #unansweredBytes = 0;
  /** Wakes what waits for an answer. */
  #answered = Promise.withResolvers<void>();
  /** All of what was asked for before is sent. */
  #sent: Promise<void> = Promise.resolve();
  /** All of it is answered, or has failed. */
  #settled: Promise<void> = Promise.resolve();

  constructor(processId: string, stub: WriteStub, { idPrefix = "", isOrdered = true }: WriterOptions = {}) {
    this.#processId = processId;
    this.#stub = stub;
    this.#idPrefix = idPrefix;
    this.#unansweredMax = isOrdered ? UNANSWERED_WRITES_MAX : 1;
  }

  /** Resolves when the executor has queued all of it. A failed write does not keep later ones from being tried. */
  write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : copyOf(data);
    const accepted = this.#inTurn(() => this.#send(blocksOf(bytes)));
    // Of what failed, a part may still be on its way.
    return accepted.then(() => frameMemory.give(bytes));
  }

  /** Resolves when every write until now is on its way or has failed. */
  sent(): Promise<void> {
    return this.#sent;
  }

  /** Resolves when every write until now was answered or has failed. */
  settled(): Promise<void> {
    return this.#settled;
  }

  /** Whether input would be taken: an empty write tells. */
  async probe(): Promise<boolean> {
    const answer = this.#inTurn(() => this.#send([new Uint8Array()]));
    try {
      await answer;
      return true;
    } catch (error) {
      if (isLinkError(error)) throw error;
      return false;
    }
  }

  /** @param send - Resolves with what to wait for, once everything is sent. */
  #inTurn(send: () => Promise<Sent>): Promise<void> {
    const sent = this.#sent.then(send);
    this.#sent = sent.then(
      () => {},
      () => {},
    );
    const accepted = sent.then((all) => all.accepted);
    this.#settled = Promise.allSettled([this.#settled, accepted]).then(() => {});
    return accepted;
  }

  async #send(blocks: Iterable<Uint8Array>): Promise<Sent> {
    const batch: Batch = { answers: [], hasFailed: false };
    for (const block of blocks) {
      await this.#room(block.byteLength);
      if (batch.hasFailed) break;
      batch.answers.push(this.#ask(block, batch));
    }
    return { accepted: Promise.all(batch.answers).then(() => {}) };
  }

  /** Resolves when so many bytes may go on their way. */
  async #room(bytes: number): Promise<void> {
    while (!this.#hasRoomFor(bytes)) await this.#answered.promise;
  }

  #hasRoomFor(bytes: number): boolean {
    if (this.#unanswered === 0) return true;
    return this.#unanswered < this.#unansweredMax && this.#unansweredBytes + bytes <= UNANSWERED_WRITES_MAX_BYTES;
  }

  #ask(block: Uint8Array, batch: Batch): Promise<void> {
    this.#lastWriteId += 1;
    this.#unanswered += 1;
    this.#unansweredBytes += block.byteLength;
    const accepted = this.#accepted(block, `${this.#idPrefix}${this.#lastWriteId}`, batch);
    // Told to whoever waits for all of them.
    accepted.catch(() => {});
    return accepted;
  }

  async #accepted(block: Uint8Array, writeId: string, batch: Batch): Promise<void> {
    try {
      const chunk = Base64Bytes.kept(block);
      const { status } = await this.#stub.process.write({ processId: this.#processId, chunk, writeId });
      if (status !== "accepted") throw new ProcessInputError(status, this.#processId);
    } catch (error) {
      batch.hasFailed = true;
      const isBroken = isRemoteError(error) && error.code === ERROR_CODES.InternalError;
      throw isBroken ? new ProcessInputError("exited", this.#processId, { cause: error }) : error;
    } finally {
      this.#unanswered -= 1;
      this.#unansweredBytes -= block.byteLength;
      this.#answered.resolve();
      this.#answered = Promise.withResolvers();
    }
  }
}

/** Made at once: the caller may reuse its buffer while earlier writes are still going out. */
function copyOf(data: Uint8Array): Buffer {
  const copy = frameMemory.take(data.byteLength);
  copy.set(data);
  return copy;
}

function* blocksOf(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  for (let offset = 0; offset < bytes.byteLength; offset += WRITE_MAX_BYTES) {
    yield bytes.subarray(offset, offset + WRITE_MAX_BYTES);
  }
}

/** What one write has sent. Nothing of it is sent after what failed. */
interface Batch {
  readonly answers: Promise<void>[];
  hasFailed: boolean;
}

/** Wrapped, so that a promise of it does not wait for the answer. */
interface Sent {
  readonly accepted: Promise<void>;
}
