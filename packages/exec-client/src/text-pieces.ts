import { checkWholeCharacters } from "./arguments/broken-text.ts";
import type { Bytes } from "./bytes.ts";
import { InvalidArgumentError } from "./errors.ts";

/**
 * The bytes of a text as UTF-8.
 *
 * @throws InvalidArgumentError - It has half of a pair of surrogates: it would be another text.
 */
export function bytesOfText(text: string, argument: string): Bytes {
  checkWholeCharacters(text, argument);
  return new TextEncoder().encode(text);
}

/** Makes bytes of texts that follow each other. What lies between two of them may be the middle of a character. */
export class TextPieces {
  readonly #argument: string;
  #half = "";

  constructor(argument: string) {
    this.#argument = argument;
  }

  /** @throws InvalidArgumentError - It has half of a pair of surrogates, and not at its end. */
  encode(text: string): Bytes {
    const joined = this.#half + text;
    this.#half = /[\ud800-\udbff]$/.test(joined) ? joined.slice(-1) : "";
    return bytesOfText(this.#half === "" ? joined : joined.slice(0, -1), this.#argument);
  }

  /** Bytes come next, or nothing. @throws InvalidArgumentError - The last text ended within a character. */
  end(): void {
    const half = this.#half;
    this.#half = "";
    if (half === "") return;
    const message = `${this.#argument} has a text that ends within a character, and none comes after it`;
    throw new InvalidArgumentError(this.#argument, message);
  }
}
