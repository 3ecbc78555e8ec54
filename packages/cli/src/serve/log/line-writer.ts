import { fstatSync, writeSync } from "node:fs";

/** Text that waits for whoever reads it, in characters. What does not fit is dropped, and told of as a number. */
export const MAX_WAITING_CHARACTERS = 1_048_576;

/** Where lines go. */
export interface LineTarget {
  readonly stream: Pick<NodeJS.WriteStream, "write" | "writableLength" | "destroyed" | "on">;
  /** What the stream writes to. */
  readonly fd: number;
}

/** Not among Node's types: by itself it waits until a terminal has taken everything, also where somebody has stopped that. */
interface Blocking {
  readonly _handle?: { setBlocking?(isBlocking: boolean): unknown } | null;
}

/**
 * Writes lines, and never waits: whoever does not read them, or a disk that is full, costs lines, and neither time nor memory. A file is
 * written at once.
 */
export class LineWriter {
  readonly #target: LineTarget;
  readonly #droppedLine: (count: number) => string;
  readonly #isFile: boolean;
  #dropped = 0;
  #isTorn = false;

  /** @param droppedLine - The line that says how many are missing before it. */
  constructor(target: LineTarget, droppedLine: (count: number) => string) {
    const { stream, fd } = target;
    this.#target = target;
    this.#droppedLine = droppedLine;
    this.#isFile = isFile(fd);
    (stream as Blocking)._handle?.setBlocking?.(false);
    stream.on("drain", () => this.#tellDropped());
    // The reader is gone: what is written from here on is dropped.
    stream.on("error", () => {});
  }

  /** @param line - With its end. */
  write(line: string): void {
    if (!this.#tellDropped() || !this.#put(line)) this.#dropped += 1;
  }

  /** @returns whether nothing is left to be told. */
  #tellDropped(): boolean {
    if (this.#dropped === 0) return true;
    const count = this.#dropped;
    if (!this.#put(this.#droppedLine(count))) return false;
    this.#dropped = 0;
    return true;
  }

  #put(line: string): boolean {
    if (this.#isFile) return this.#putIntoFile(line);
    const { stream } = this.#target;
    if (stream.destroyed || stream.writableLength + line.length > MAX_WAITING_CHARACTERS) return false;
    stream.write(line);
    return true;
  }

  #putIntoFile(line: string): boolean {
    const bytes = Buffer.from(this.#isTorn ? `\n${line}` : line);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#target.fd, bytes, written);
      this.#isTorn = false;
      return true;
    } catch {
      this.#isTorn ||= written > 0;
      return false;
    }
  }
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}
