import { STDIO_LIMITS } from "./limits.ts";
import { printable } from "./printable.ts";

const BRACE = 0x7b;
const SPACE = 0x20;

/** What a far end prints before it speaks. */
export class Banner {
  #bytes = 0;
  readonly #decoder = new TextDecoder();
  #text = "";

  /** Whether it speaks now: a frame begins with a brace. */
  isFrame(line: Uint8Array): boolean {
    return line.find((byte) => byte > SPACE) === BRACE;
  }

  /** @returns false when it is too much. */
  keep(line: Uint8Array): boolean {
    this.#bytes += line.length;
    this.#text = `${this.#text}${this.#decoder.decode(line)} `.slice(-STDIO_LIMITS.stderrTailCharacters);
    return this.#bytes <= STDIO_LIMITS.bannerMaxBytes;
  }

  /** Its end, as one line. */
  told(): string {
    return printable(this.#text);
  }
}
