import { ProcessInputError } from "../../errors.ts";
import { WRITE_MAX_BYTES } from "../../limits.ts";
import type { StdinWriter } from "../stdin-writer.ts";
import { END_FRAME, FRAME_HEADER_MAX_BYTES, frameOf } from "./framed-stdin.ts";
import type { StdinEnd } from "./stdin-end.ts";

/** With its count, a frame is one write, which an executor takes whole or not at all: a lost connection leaves no half a frame behind. */
const FRAME_MAX_BYTES = WRITE_MAX_BYTES - FRAME_HEADER_MAX_BYTES;

/** A stdin whose bytes travel in frames, so that it can end on executors that can not close a pipe. */
export class FramedStdinEnd implements StdinEnd {
  readonly blockBytes = FRAME_MAX_BYTES;
  readonly #processId: string;
  readonly #writer: StdinWriter;
  #closed: Promise<void> | undefined;

  constructor(processId: string, writer: StdinWriter) {
    this.#processId = processId;
    this.#writer = writer;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.#closed !== undefined) throw new ProcessInputError("stdinClosed", this.#processId);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    // Handed over at once, so that no other write comes between two of them.
    const written: Promise<void>[] = [];
    for (let offset = 0; offset < bytes.byteLength; offset += FRAME_MAX_BYTES) {
      written.push(this.#writer.write(frameOf(bytes.subarray(offset, offset + FRAME_MAX_BYTES))));
    }
    await Promise.all(written);
  }

  sent(): Promise<void> {
    return this.#writer.sent();
  }

  close(): Promise<void> {
    this.#closed ??= this.#writer.write(END_FRAME);
    return this.#closed;
  }

  async probe(): Promise<boolean> {
    return this.#closed === undefined && (await this.#writer.probe());
  }
}
