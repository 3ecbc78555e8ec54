import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { widenPipe } from "../platform/descriptors.ts";
import type { OutgoingBytes } from "../platform/handed-bytes.ts";
import { descriptorOf } from "../platform/stream-descriptor.ts";
import type { HandedInputPipe } from "./handed-child.ts";
import { UntakenInput } from "./untaken-input.ts";

/** Bytes after which a pipe is worth more memory: whoever is given so much is given more. */
const BULK_BYTES = 512 * 1024;
/** The most that Linux lets a user have. With less, this side and the program wait for each other after every 64 KiB. */
const WIDE_PIPE_BYTES = 1024 * 1024;

/** The pipe to a child's standard input. */
export class InputPipe {
  readonly #stream: Writable;
  readonly #untaken: UntakenInput;
  readonly #fd: number | undefined;
  #broken: () => void = () => {};
  #bytes = 0;

  /** @param fd - Of a real pipe. */
  constructor(stream: Writable, fd?: number) {
    this.#stream = stream;
    this.#fd = fd;
    this.#untaken = new UntakenInput(stream);
    stream.on("error", () => this.#broken());
  }

  /** @param fd - The end of a real pipe that is written to; the stream's from here on. */
  static on(fd: number): InputPipe {
    return new InputPipe(new Socket({ fd, readable: false, writable: true }), fd);
  }

  /** Call when the child does not read any more. */
  onBroken(broken: () => void): void {
    this.#broken = broken;
  }

  /** @param written - Called when the pipe has taken the bytes, or is gone. */
  write(data: Buffer, written: () => void): void {
    if (!this.#stream.writable) {
      written();
      return;
    }
    this.#count(data.length);
    this.#untaken.add(data);
    this.#stream.write(data, (error) => {
      this.#untaken.shift();
      if (error) this.#broken();
      written();
    });
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** For the next program; `undefined` once it is closed. */
  handOver(bytes: OutgoingBytes): HandedInputPipe | undefined {
    const fd = descriptorOf(this.#stream);
    return fd === undefined ? undefined : { fd, untaken: bytes.put(...this.#untaken.rest()) };
  }

  #count(bytes: number): void {
    const before = this.#bytes;
    this.#bytes += bytes;
    const isBulkNow = before < BULK_BYTES && this.#bytes >= BULK_BYTES;
    if (isBulkNow && this.#fd !== undefined) widenPipe(this.#fd, WIDE_PIPE_BYTES);
  }
}
