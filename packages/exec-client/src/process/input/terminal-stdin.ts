import { WRITE_MAX_BYTES } from "../../limits.ts";
import type { StdinWriter } from "../stdin-writer.ts";
import type { StdinEnd } from "./stdin-end.ts";

const CTRL_D = "\u0004";
const CTRL_D_BYTE = 0x04;
const LF = 0x0a;
const CR = 0x0d;

/** The keys of a terminal. Its end of input is a key as well: more can be typed behind it, for the next reader. */
export class TerminalStdin implements StdinEnd {
  readonly blockBytes = WRITE_MAX_BYTES;
  readonly #writer: StdinWriter;
  #lastByte: number | undefined;

  constructor(writer: StdinWriter) {
    this.#writer = writer;
  }

  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    this.#lastByte = bytes.at(-1) ?? this.#lastByte;
    await this.#writer.write(bytes);
  }

  sent(): Promise<void> {
    return this.#writer.sent();
  }

  async close(): Promise<void> {
    const last = this.#lastByte;
    if (last === CTRL_D_BYTE) return;
    // The first one only ends a line that has begun.
    await this.write(last === undefined || last === LF || last === CR ? CTRL_D : CTRL_D + CTRL_D);
  }

  probe(): Promise<boolean> {
    return this.#writer.probe();
  }
}
