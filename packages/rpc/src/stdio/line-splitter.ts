const LF = 0x0a;
const CR = 0x0d;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0b, 0x0c, CR]);

function isBlank(line: Uint8Array): boolean {
  for (const byte of line) if (!BLANKS.has(byte)) return false;
  return true;
}

/** Cuts a byte stream into lines. Each byte is looked at once and copied at most once, however small the chunks. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #onLine: (line: Uint8Array) => void;
  #parts: Buffer[] = [];
  #partBytes = 0;

  constructor(maxLineBytes: number, onLine: (line: Uint8Array) => void) {
    this.#maxLineBytes = maxLineBytes;
    this.#onLine = onLine;
  }

  /** @returns false when the line that is being read has grown too long; nothing may be pushed after that. */
  push(chunk: Buffer): boolean {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      if (!this.#finishLine(chunk.subarray(start, end))) return false;
      start = end + 1;
    }
    return start === chunk.length || this.#keep(chunk.subarray(start));
  }

  /** The stream has ended: what is left is a line without an end. */
  end(): boolean {
    return this.#partBytes === 0 || this.#finishLine(Buffer.alloc(0));
  }

  #keep(part: Buffer): boolean {
    this.#parts.push(part);
    this.#partBytes += part.length;
    // One byte more than the limit may still be the CR of a line that fits.
    return this.#partBytes <= this.#maxLineBytes + 1;
  }

  #finishLine(last: Buffer): boolean {
    let line = last;
    if (this.#parts.length > 0) {
      line = Buffer.concat([...this.#parts, last], this.#partBytes + last.length);
      this.#parts = [];
      this.#partBytes = 0;
    }
    if (line[line.length - 1] === CR) line = line.subarray(0, -1);
    if (line.length > this.#maxLineBytes) return false;
    if (!isBlank(line)) this.#onLine(line);
    return true;
  }
}
